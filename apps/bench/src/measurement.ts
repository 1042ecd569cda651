import type { Processes } from './processes/processes.ts';
import type { Row } from './row.ts';

/** What a measurement works with. */
export interface Context {
  /** Fewer rounds and smaller stores: to see that all works, not to quote. */
  readonly quick: boolean;
  /** Starts processes, and ends them when the measurement is over, however it ends. */
  readonly processes: Processes;
  /** Tells the person who waits how far it is. */
  say(progress: string): void;
  /** A new empty folder, gone when the measurement is over. */
  temporaryFolder(): Promise<string>;
}

export interface Finding {
  readonly rows: readonly Row[];
  /** What a reader must know to judge the figures: one sentence each. */
  readonly notes?: readonly string[];
}

/** One benchmark. A file of `measurements/` exports one, and `measurements/all.ts` lists it. */
export interface Measurement {
  /** As it is given on the command line. */
  readonly name: string;
  readonly title: string;
  /** What was asked for, in words; undefined where the figures only inform. */
  readonly goal?: string;
  /** What the figures are bounded by: where a further gain would have to come from. */
  readonly bound: string;
  run(context: Context): Promise<Finding>;
}
