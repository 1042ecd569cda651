import { setTimeout as delay } from 'node:timers/promises';

/** Unused time is not saved up for longer than this, in ms: a rate is a rate, not a budget for a burst. */
const MOST_SAVED_MS = 100;

/** Holds up whoever spends more bytes a second than it allows. */
export class Throttle {
  readonly #bytesPerMs: number;
  readonly #signal: AbortSignal;
  /** When everything that was spent so far has been paid for. */
  #paidAt = performance.now();

  constructor(bytesPerSecond: number, signal: AbortSignal) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#signal = signal;
  }

  /** Resolves when so many bytes more are within the rate. Rejects when the signal is aborted. */
  async spend(bytes: number): Promise<void> {
    this.#signal.throwIfAborted();
    const now = performance.now();
    this.#paidAt = Math.max(this.#paidAt, now - MOST_SAVED_MS) + bytes / this.#bytesPerMs;
    const wait = this.#paidAt - now;
    if (wait > 1) await delay(wait, undefined, { signal: this.#signal, ref: false });
  }
}
