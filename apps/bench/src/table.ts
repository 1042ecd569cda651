import { type Goal, isMet, type Row, type Unit } from './row.ts';
import type { Summary } from './statistics.ts';

/** Rows as a markdown table. A cell that has nothing to say is empty. */
export function resultTable(rows: readonly Row[]): string {
  return table(
    ['what', 'figure', 'reference', 'ratio', 'goal', 'met'],
    rows.map((row) => [
      row.what,
      withSpread(row.figure, row.unit),
      row.reference === undefined
        ? ''
        : `${row.reference.what}: ${withSpread(row.reference.figure, row.unit)}`,
      row.ratio === undefined ? '' : withSpread(row.ratio, 'times'),
      goalText(row),
      metText(row),
    ]),
  );
}

/** The rows of several measurements that have a goal, each with the measurement's name. */
export function goalTable(
  results: readonly { readonly name: string; readonly rows: readonly Row[] }[],
): string {
  const rows = results.flatMap(({ name, rows }) =>
    rows
      .filter(({ goal }) => goal !== undefined)
      .map((row) => [name, row.what, judged(row), goalText(row), metText(row)]),
  );
  return table(['measurement', 'what', 'figure', 'goal', 'met'], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** The figure that the goal is set on. */
function judged({ goal, figure, ratio, unit }: Row): string {
  return goal?.on === 'ratio' && ratio !== undefined ? withSpread(ratio, 'times') : withSpread(figure, unit);
}

function goalText({ goal, unit }: Row): string {
  if (goal === undefined) return '';
  const bound = (value: number) => quantity(value, goal.on === 'ratio' ? 'times' : unit);
  return bounds(goal, bound).join(' and ');
}

function bounds({ atMost, atLeast }: Goal, bound: (value: number) => string): string[] {
  return [
    ...(atMost === undefined ? [] : [`≤ ${bound(atMost)}`]),
    ...(atLeast === undefined ? [] : [`≥ ${bound(atLeast)}`]),
  ];
}

function metText(row: Row): string {
  const met = isMet(row);
  if (met === undefined) return '';
  return met ? 'yes' : '**no**';
}

/** `1.24 µs (1.20 to 1.31)`: the median and the quartiles, or the bare figure where there is no spread. */
function withSpread({ median, low, high }: Summary, unit: Unit): string {
  if (low === high) return quantity(median, unit);
  return `${quantity(median, unit)} (${digits(low)} to ${digits(high)})`;
}

function quantity(value: number, unit: Unit): string {
  if (unit === 'times') return `${digits(value)} ×`;
  return unit === '/s' ? `${digits(value)}/s` : `${digits(value)} ${unit}`.trimEnd();
}

/** Three significant digits, and thousands in groups. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en');
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}
