import type { BucketClient } from '@bhiv/bucket-client';
import type { AccountingFindings } from '../fixtures/accounting-watch.ts';

/** Where the client does its HTTP (option `thread`). */
export type ThreadMode = 'worker' | 'main';
export const threadModes: readonly ThreadMode[] = ['worker', 'main'];

/** How long the child writes into the outage before it reports: longer than any deadline of its requests. */
export const OUTAGE_MS = 2_300;

/**
 * What the child is to do. `outage`: an event every 10 ms and two reads, a report, more events until a line
 * comes on stdin, then a burst and close(). `natural`: events for 300 ms, then nothing. `burst`: `events` at
 * once, then nothing.
 */
export interface ChildConfig {
  readonly scenario: 'outage' | 'natural' | 'burst';
  readonly url: string;
  readonly thread: ThreadMode;
  readonly eventBytes: number;
  readonly events: number;
  readonly closeMs: number;
  readonly ca?: string;
}

export interface ReadFigure {
  readonly ms: number;
  readonly isNull: boolean;
}

type ClientStats = ReturnType<BucketClient['stats']>;

/** What the child says, one JSON line each. Times called `at` are ms since 1970. */
export type ChildReport =
  | { readonly type: 'outage'; readonly reads: readonly ReadFigure[]; readonly stats: ClientStats }
  | ({
      readonly type: 'closed';
      readonly ms: number;
      readonly at: number;
      readonly resolvedTo: string;
      readonly acceptsMore: boolean;
      readonly stats: ClientStats;
    } & AccountingFindings)
  | ({
      readonly type: 'exit';
      readonly lastCallAt: number;
      readonly stats: ClientStats;
    } & AccountingFindings);

export type ReportOf<T extends ChildReport['type']> = Extract<ChildReport, { type: T }>;
