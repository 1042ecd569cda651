import type { Measurement } from './measurement.ts';
import type { Result } from './result.ts';
import { goalTable, resultTable } from './table.ts';

const INTRODUCTION = `# Benchmarks

<!-- Written by \`npm run bench -- --write\` from apps/bench/generated. Do not edit. -->

Every figure stands beside a reference of the same run on the same machine: ratios hold on other machines, absolute figures do not. A figure is the median of its rounds, with the quartiles behind it; a ratio is the median of the ratios of the rounds. Rounds of both sides take turns. A goal that is missed stays here, with what bounds the figure.

    npm run bench                        everything, half an hour or more
    npm run bench -- call-cost --quick   one measurement, in short
    npm run bench -- --write             everything, and this page anew
    npm run bench -- --page              this page anew, from what is kept

What each measurement does, step by step: [apps/bench](../apps/bench/README.md).`;

/** docs/benchmarks.md: what is kept of each measurement, in the order of the measurements. */
export function page(measurements: readonly Measurement[], results: readonly Result[]): string {
  const sections = measurements.flatMap((measurement) =>
    results.filter(({ name }) => name === measurement.name).map((result) => section(measurement, result)),
  );
  return `${[INTRODUCTION, `## Goals\n\n${goalTable(results)}`, ...sections].join('\n\n')}\n`;
}

/** One measurement and what it found. */
export function section({ title, goal, bound }: Measurement, result: Result): string {
  const { name, rows, notes = [] } = result;
  return [
    `## ${title}`,
    ...(goal === undefined ? [] : [`Goal: ${goal}`]),
    resultTable(rows),
    `Bounded by: ${bound}`,
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
    `\`npm run bench -- ${name}\`, ${circumstances(result)}.`,
  ].join('\n\n');
}

function circumstances({ date, seconds, loadBefore, others, machine }: Result): string {
  const { processor, memory, system, node, libraries } = machine;
  const when = `${date.slice(0, 16).replace('T', ' ')} UTC, ${Math.round(seconds)} s`;
  const busy = others === null ? '' : `, other programs kept ${others.toFixed(2)} cores busy meanwhile`;
  return `${when}, load average ${loadBefore.toFixed(2)} before${busy}; ${processor}, ${memory}, ${system}, ${node}, ${libraries}`;
}
