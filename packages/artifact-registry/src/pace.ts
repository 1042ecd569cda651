const EVERY_MS = 50;

/** Tells a progress some twenty times a second at the most, however often it changes. */
export class Pace {
  readonly #tell: () => void;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(tell: () => void) {
    this.#tell = tell;
  }

  /** Tells it, unless that was done a moment ago. */
  mayTell(): void {
    if (performance.now() - this.#toldAt >= EVERY_MS) this.tell();
  }

  /** Tells it, whenever that was done last: at the end. */
  tell(): void {
    this.#toldAt = performance.now();
    this.#tell();
  }
}
