import { type Outcome, showsLife } from './outcome.ts';

/** Failures in a row that open the breaker. */
const THRESHOLD = 5;
/** While open, one attempt in this many ms. */
const PROBE_INTERVAL_MS = 1000;

/**
 * Stops trying while Bucket is down. Open, it lets one attempt through a second; the first one that finds Bucket
 * alive closes it. Each attempt has its own deadline, so a probe that hangs does not hold up the next.
 */
export class CircuitBreaker {
  #failures = 0;
  #open = false;
  #probeAt = 0;
  readonly #changed: (open: boolean, probeAt: number) => void;

  constructor(changed: (open: boolean, probeAt: number) => void = () => undefined) {
    this.#changed = changed;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Monotonic ms of the next probe. Meaningful while open. */
  get probeAt(): number {
    return this.#probeAt;
  }

  /** May an attempt start now? While open, a yes is the probe: the next one is a second away. */
  tryEnter(now: number): boolean {
    if (!this.#open) return true;
    if (now < this.#probeAt) return false;
    this.#set(true, now + PROBE_INTERVAL_MS);
    return true;
  }

  record(outcome: Outcome, now: number): void {
    if (showsLife(outcome)) {
      this.#failures = 0;
      if (this.#open) this.#set(false, 0);
      return;
    }
    this.#failures += 1;
    if (!this.#open && this.#failures >= THRESHOLD) this.#set(true, now + PROBE_INTERVAL_MS);
  }

  #set(open: boolean, probeAt: number): void {
    this.#open = open;
    this.#probeAt = probeAt;
    this.#changed(open, probeAt);
  }
}
