import type { Machine } from './machine.ts';
import type { Finding } from './measurement.ts';

/** What one measurement found, with all that it takes to judge it. */
export interface Result extends Finding {
  /** The measurement's name. */
  readonly name: string;
  /** ISO 8601, when it began. */
  readonly date: string;
  readonly seconds: number;
  /** Load average of the minute before it began. */
  readonly loadBefore: number;
  /** Cores that other programs kept busy meanwhile, on average; null where that cannot be told. */
  readonly others: number | null;
  readonly machine: Machine;
}
