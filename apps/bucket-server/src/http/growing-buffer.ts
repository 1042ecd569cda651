const FIRST_CAPACITY = 4096;

/**
 * Bytes that arrive in pieces, copied into one buffer. Keeping the pieces would cost far more than their bytes where a
 * client sends them one by one.
 */
export class GrowingBuffer {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (this.#length === 0 && piece.length >= FIRST_CAPACITY) {
      this.#buffer = piece; // the usual case of a large body that comes in large pieces: nothing is copied yet
    } else if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length, FIRST_CAPACITY));
      this.#buffer.copy(larger, 0, 0, this.#length);
      piece.copy(larger, this.#length);
      this.#buffer = larger;
    } else {
      piece.copy(this.#buffer, this.#length);
    }
    this.#length = length;
  }

  /** A view of what has come so far. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
