import { ratio, type Summary, summarize } from './statistics.ts';

/** The unit of a figure. `times` is a multiple of the reference, `MB` is 1,000,000 bytes, `MiB` 1,048,576. */
export type Unit = 'µs' | 'ms' | 's' | 'MB' | 'MiB' | 'MB/s' | '/s' | '%' | 'times' | '';

/** A bound on a row's median: on the figure itself, or on its ratio to the reference. */
export interface Goal {
  readonly on: 'figure' | 'ratio';
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One line of a table of results. A row without a goal informs. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  readonly figure: Summary;
  readonly reference?: { readonly what: string; readonly figure: Summary };
  readonly ratio?: Summary;
  readonly goal?: Goal;
}

interface Label {
  readonly what: string;
  readonly unit: Unit;
  readonly goal?: Goal;
}

/** A row of rounds that stand alone. */
export function rowOf(label: Label, rounds: readonly number[]): Row {
  return { ...label, figure: summarize(rounds) };
}

/** A row of rounds beside those of a reference in the same run. */
export function rowBeside(
  label: Label,
  rounds: readonly number[],
  reference: { readonly what: string; readonly rounds: readonly number[] },
): Row {
  return {
    ...rowOf(label, rounds),
    reference: { what: reference.what, figure: summarize(reference.rounds) },
    ratio: ratio(rounds, reference.rounds),
  };
}

/** Whether a row's median keeps its goal; undefined for a row without one. A figure that is not there keeps none. */
export function isMet({ figure, ratio, goal }: Row): boolean | undefined {
  if (goal === undefined) return undefined;
  const { atMost = Number.POSITIVE_INFINITY, atLeast = Number.NEGATIVE_INFINITY } = goal;
  const median = goal.on === 'figure' ? figure.median : (ratio?.median ?? Number.NaN);
  return median <= atMost && median >= atLeast;
}
