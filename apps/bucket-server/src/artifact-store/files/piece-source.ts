/** The pieces of an upload, which can be interrupted while the next one is waited for. */
export class PieceSource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #interruption: { readonly reason: unknown } | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#iterator = pieces[Symbol.asyncIterator]();
  }

  /** The next piece; null after the last one. Rejects with what the source or the interruption failed with. */
  next(): Promise<Uint8Array | null> {
    return new Promise((resolve, reject) => {
      if (this.#interruption !== undefined) return reject(this.#interruption.reason);
      this.#reject = reject;
      this.#iterator.next().then(({ done, value }) => resolve(done ? null : value), reject);
    });
  }

  /** From now on `next` and `throwIfInterrupted` fail with the reason. */
  interrupt(reason: unknown): void {
    this.#interruption ??= { reason };
    this.#reject?.(this.#interruption.reason);
  }

  throwIfInterrupted(): void {
    if (this.#interruption !== undefined) throw this.#interruption.reason;
  }

  /** Lets go of the source. That is not waited for: a source that stalls would never end. */
  close(): void {
    // The upload is over, and its own outcome is what counts.
    this.#iterator.return?.().catch(() => undefined);
  }
}
