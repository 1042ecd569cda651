import type { Machine } from './machine.ts';
import type { Finding, Measurement } from './measurement.ts';

/** What one measurement found, with all that it takes to judge and to repeat it. */
export interface Result extends Finding {
  readonly name: string;
  readonly title: string;
  readonly goal?: string;
  readonly bound: string;
  /** ISO 8601, when it began. */
  readonly date: string;
  readonly seconds: number;
  /** Load average of the minute before it began. */
  readonly loadBefore: number;
  readonly machine: Machine;
}

type About = Pick<Result, 'date' | 'seconds' | 'loadBefore' | 'machine'>;

export function resultOf({ name, title, goal, bound }: Measurement, finding: Finding, about: About): Result {
  return { name, title, ...(goal !== undefined && { goal }), bound, ...about, ...finding };
}
