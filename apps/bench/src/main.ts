// Runs benchmarks and prints their tables. The README of this package says what there is.
import { readArguments, UsageError } from './arguments.ts';
import { MEASUREMENTS } from './measurements/all.ts';
import { page, section } from './report.ts';
import type { Result } from './result.ts';
import { readResults, writePage, writeResult } from './results.ts';
import { runMeasurement } from './run-measurement.ts';
import { goalTable } from './table.ts';
import { removeAbandonedFolders } from './temporary-folders.ts';

const HELP = `Benchmarks: every speed and memory claim, beside a reference in the same run.

Usage: npm run bench -- [names] [--quick | --write]
       npm run bench -- --page

  --quick   fewer rounds, smaller stores: to see that all works, not to quote
  --write   keep the results in apps/bench/generated and write docs/benchmarks.md
  --page    measure nothing; write docs/benchmarks.md from what is kept

Names (without any: all of them):
${MEASUREMENTS.map(({ name, title }) => `  ${name.padEnd(23)}${title}`).join('\n')}
`;

async function main(): Promise<void> {
  const {
    names,
    quick,
    write,
    page: pageOnly,
    help,
  } = readArguments(
    process.argv.slice(2),
    MEASUREMENTS.map(({ name }) => name),
  );
  if (help) return void process.stdout.write(HELP);
  if (pageOnly) return writeKept();
  removeAbandonedFolders();
  const results: Result[] = [];
  for (const measurement of MEASUREMENTS) {
    if (!names.includes(measurement.name)) continue;
    console.error(`\n${measurement.name}: ${measurement.title}`);
    try {
      const result = await runMeasurement(measurement, { quick, say: (text) => console.error(`  ${text}`) });
      results.push(result);
      console.log(`\n${section(measurement, result)}`);
      if (write) await writeResult(result);
    } catch (error) {
      process.exitCode = 1;
      console.error(`${measurement.name} could not be measured:`, error);
    }
  }
  console.log(`\n## Goals\n\n${goalTable(results)}`);
  if (write) await writeKept();
}

async function writeKept(): Promise<void> {
  await writePage(page(MEASUREMENTS, await readResults(MEASUREMENTS)));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

main().catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
});
