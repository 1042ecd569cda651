import { FAILURE_REASONS, type FailureReason, REFUSAL_REASONS, type RefusalReason } from './reasons.ts';

export type RefusalCounts = { readonly total: number } & Readonly<Record<RefusalReason, number>>;
export type FailureCounts = { readonly total: number } & Readonly<Record<FailureReason, number>>;

/**
 * What became of every call since the client was made. At every moment
 * `calls = accepted + refused.total` and
 * `accepted = delivered + failed.total + expired + queued + inFlight`.
 */
export interface ClientStats {
  readonly calls: number;
  readonly accepted: number;
  readonly refused: RefusalCounts;
  /** Bucket said 2xx and `success: true`. */
  readonly delivered: number;
  readonly failed: FailureCounts;
  /** Waited for their whole deadline, or were given up by `close()`, without being sent. */
  readonly expired: number;
  readonly queued: number;
  readonly inFlight: number;
  /** Bytes of the queue in use. */
  readonly queuedBytes: number;
  readonly breaker: 'closed' | 'open';
  readonly reads: {
    readonly calls: number;
    readonly answered: number;
    readonly pending: number;
    readonly failed: number;
  };
  /** Exceptions that `onDrop` threw. */
  readonly callbackErrors: number;
  /** Which option is bad and how to mend it; null where all are good. */
  readonly problem: string | null;
}

export function refusalCounts(): Record<RefusalReason, number> {
  return zeros(REFUSAL_REASONS);
}

export function failureCounts(): Record<FailureReason, number> {
  return zeros(FAILURE_REASONS);
}

export function withTotal<R extends string>(
  counts: Readonly<Record<R, number>>,
): { total: number } & Record<R, number> {
  const values: number[] = Object.values(counts);
  return { total: values.reduce((a, b) => a + b, 0), ...counts };
}

function zeros<R extends string>(names: readonly R[]): Record<R, number> {
  const counts = {} as Record<R, number>; // every name is filled in below
  for (const name of names) counts[name] = 0;
  return counts;
}
