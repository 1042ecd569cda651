import { ArtifactError } from '../errors.ts';

/**
 * One call of a caller's: what may end it early, and the clock that sees whether it still moves. It ends at the first
 * of: the caller's signal, the idle deadline, `fail`. From then on `signal` is aborted and its reason, an
 * ArtifactError, is what the call rejects with.
 */
export class Transfer {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #idleMs: number;
  #timer: NodeJS.Timeout | undefined;
  #awaited = '';

  constructor(caller: AbortSignal | undefined, idleMs: number) {
    this.#caller = caller;
    this.#idleMs = idleMs;
    if (caller?.aborted === true) this.#abort();
    else caller?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get idleMs(): number {
    return this.#idleMs;
  }

  /** Why it ended; undefined while it goes on. */
  get failure(): ArtifactError | undefined {
    const { aborted, reason } = this.#controller.signal;
    return aborted ? reason : undefined; // only `fail` aborts it
  }

  throwIfOver(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /**
   * Starts the idle clock anew: something moved, and next `what` must happen, such as "Bucket did not answer". A
   * clock that runs holds the process: the caller awaits the call.
   */
  expect(what: string, ms = this.#idleMs): void {
    this.throwIfOver();
    if (this.#awaited === what) {
      this.#timer?.refresh();
      return;
    }
    this.rest();
    this.#awaited = what;
    this.#timer = setTimeout(() => {
      const remedy = 'see whether it is well and can be reached, or raise idleTimeoutMs';
      this.fail(new ArtifactError('timeout', `${what} within ${ms} ms: ${remedy}.`));
    }, ms);
  }

  /** Stops the idle clock: what happens next is this machine's own work. */
  rest(): void {
    clearTimeout(this.#timer);
    this.#awaited = '';
  }

  /** Ends it. The first reason stands. */
  fail(error: ArtifactError): void {
    this.rest();
    this.#controller.abort(error);
  }

  /** The promise's outcome, or the failure, whichever is first. What the promise rejects with later is not lost. */
  race<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal } = this;
      const over = () => reject(signal.reason);
      if (signal.aborted) over();
      signal.addEventListener('abort', over, { once: true });
      const done = () => signal.removeEventListener('abort', over);
      promise.then(
        (value) => {
          done();
          resolve(value);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });
  }

  /** Lets go of the clock and of the caller's signal. */
  end(): void {
    this.rest();
    this.#caller?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    const reason: unknown = this.#caller?.reason;
    this.fail(new ArtifactError('aborted', 'the call was aborted by its signal.', { cause: reason }));
  };
}
