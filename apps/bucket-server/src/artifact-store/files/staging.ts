const FIRST_BYTES = 4096;

/** The first bytes of a run, in memory that grows with them up to a bound: a client that sends little costs little. */
export class Staging {
  readonly #most: number;
  #memory = Buffer.alloc(0);
  #length = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#length;
  }

  /** What was added since the last `clear`; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#length);
  }

  hasRoomFor(length: number): boolean {
    return this.#length + length <= this.#most;
  }

  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#memory.length) this.#grow(length);
    this.#memory.set(bytes, this.#length);
    this.#length = length;
  }

  clear(): void {
    this.#length = 0;
    this.#memory = Buffer.alloc(0);
  }

  #grow(length: number): void {
    const larger = Buffer.alloc(Math.min(this.#most, Math.max(FIRST_BYTES, length, 2 * this.#memory.length)));
    larger.set(this.bytes);
    this.#memory = larger;
  }
}
