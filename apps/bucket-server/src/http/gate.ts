import { RequestError } from '../errors.ts';

export type GateOptions = {
  /** How many may be inside at one time. */
  readonly places: number;
  /** How long one may wait for a place, in ms. */
  readonly waitMs: number;
};

/** Lets a number of long answers run at one time. What each of them holds in memory is bounded, so all together are. */
export class Gate {
  readonly #options: GateOptions;
  #inside = 0;
  /** In order of arrival. */
  readonly #waiting = new Set<() => void>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Runs `work` when there is a place. Rejects with RequestError `overloaded` where none becomes free in time. */
  async run(work: () => Promise<void>): Promise<void> {
    if (this.#inside >= this.#options.places) await this.#place();
    else this.#inside += 1;
    try {
      await work();
    } finally {
      this.#leave();
    }
  }

  #place(): Promise<void> {
    const { places, waitMs } = this.#options;
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(enter);
        const message = `${places} answers of this kind are being sent already, and none ended within ${waitMs} ms: ask again later.`;
        reject(new RequestError('overloaded', message, { limit: places, waited_ms: waitMs }));
      }, waitMs);
      this.#waiting.add(enter);
    });
  }

  /** Hands the place to whoever waits longest. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#inside -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
