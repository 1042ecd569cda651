/** Bytes taken from a ByteBudget for one request. */
export type Reservation = {
  /** The bytes of the whole budget. */
  readonly limit: number;
  /** Takes more bytes, or takes none and returns false where they are not there. */
  grow(bytes: number): boolean;
  /** Gives everything back; more calls do nothing. */
  release(): void;
};

/** A number of bytes that all requests share. */
export class ByteBudget {
  readonly limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  reserve(): Reservation {
    let held = 0;
    return {
      limit: this.limit,
      grow: (bytes) => {
        if (this.#used + bytes > this.limit) return false;
        this.#used += bytes;
        held += bytes;
        return true;
      },
      release: () => {
        this.#used -= held;
        held = 0;
      },
    };
  }
}
