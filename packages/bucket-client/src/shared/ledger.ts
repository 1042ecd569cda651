import { FAILURE_REASONS, type FailureReason } from '../reasons.ts';

const TAKEN = 0;
const DELIVERED = 1;
const EXPIRED = 2;
const FAILED = 3;
const SLOTS = FAILED + FAILURE_REASONS.length;
const BREAKER_OPEN = SLOTS;
const PROBE_AT = SLOTS + 1;
const READY = SLOTS + 2;

/** What became of events that left the queue: numbers since the client was made. */
export interface Settlement {
  readonly taken: number;
  readonly delivered: number;
  readonly expired: number;
  readonly failed: Record<FailureReason, number>;
}

/**
 * The counters that the sender writes and the caller reads, in shared memory: `stats()` is exact at every moment,
 * even while the caller's event loop has not turned for seconds.
 */
export class Ledger {
  readonly memory: SharedArrayBuffer;
  readonly #slots: BigInt64Array;
  readonly #times: Float64Array;
  readonly #flags: Int32Array;

  constructor(memory = new SharedArrayBuffer((SLOTS + 3) * 8)) {
    this.memory = memory;
    this.#slots = new BigInt64Array(memory);
    this.#times = new Float64Array(memory);
    this.#flags = new Int32Array(memory);
  }

  countTaken(): void {
    Atomics.add(this.#slots, TAKEN, 1n);
  }

  countDelivered(): void {
    Atomics.add(this.#slots, DELIVERED, 1n);
  }

  countExpired(): void {
    Atomics.add(this.#slots, EXPIRED, 1n);
  }

  countFailed(reason: FailureReason): void {
    Atomics.add(this.#slots, FAILED + FAILURE_REASONS.indexOf(reason), 1n);
  }

  /**
   * Where the sender is gone: settles what it had taken as failed for `reason`, and what it never took as expired, or
   * failed too where the sender died. Gives how many were failed and how many expired.
   */
  settleAll(accepted: number, reason: 'worker' | 'timeout'): { failed: number; expired: number } {
    const before = this.read();
    const open = before.taken - before.delivered - before.expired - sum(before.failed);
    const waiting = accepted - before.taken;
    const failed = reason === 'worker' ? open + waiting : open;
    Atomics.add(this.#slots, TAKEN, BigInt(waiting));
    Atomics.add(this.#slots, FAILED + FAILURE_REASONS.indexOf(reason), BigInt(failed));
    Atomics.add(this.#slots, EXPIRED, BigInt(open + waiting - failed));
    return { failed, expired: open + waiting - failed };
  }

  /** Settled counters are read before `taken`, so that none can be ahead of it. */
  read(): Settlement {
    const failed = {} as Record<FailureReason, number>; // filled for every reason in the next statement
    FAILURE_REASONS.forEach((reason, i) => {
      failed[reason] = Number(Atomics.load(this.#slots, FAILED + i));
    });
    const delivered = Number(Atomics.load(this.#slots, DELIVERED));
    const expired = Number(Atomics.load(this.#slots, EXPIRED));
    return { failed, delivered, expired, taken: Number(Atomics.load(this.#slots, TAKEN)) };
  }

  /** Whether the sender came up. Told here and not by message, since a message may arrive after its sender's death. */
  get ready(): boolean {
    return Atomics.load(this.#flags, READY * 2) === 1;
  }

  set ready(ready: boolean) {
    Atomics.store(this.#flags, READY * 2, ready ? 1 : 0);
  }

  /** The sender's breaker, told to the caller's thread so that a call can be refused without asking. */
  setBreaker(open: boolean, probeAt: number): void {
    this.#times[PROBE_AT] = probeAt;
    Atomics.store(this.#flags, BREAKER_OPEN * 2, open ? 1 : 0);
  }

  get breakerOpen(): boolean {
    return Atomics.load(this.#flags, BREAKER_OPEN * 2) === 1;
  }

  /** When the next event may try again (monotonic ms). Meaningful while the breaker is open. */
  get probeAt(): number {
    return this.#times[PROBE_AT] ?? 0;
  }
}

function sum(counts: Record<string, number>): number {
  let total = 0;
  for (const count of Object.values(counts)) total += count;
  return total;
}
