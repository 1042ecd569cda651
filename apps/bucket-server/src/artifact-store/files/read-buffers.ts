/** A read in progress has this many buffers: two for whoever reads, two that are being filled. */
const BUFFERS = 4;

const LARGE_BYTES = 256 * 1024;
const SMALL_BYTES = 32 * 1024;

/** So many reads have large buffers at one time. */
const MAX_LARGE = 24;

/** So many of them may have taken them at their start, when nobody knows how quick they are. */
const MAX_LARGE_AT_START = 16;

/** Which reader has taken so many bytes is a quick one: a slow one stops when the buffers of its connection are full. */
const QUICK_AFTER_BYTES = 16 * 1024 * 1024;

/** The buffers of one read, shared with other threads. */
export type Buffers = readonly Buffer[];

/**
 * Buffers for the reads in progress. The first ones get large buffers, beyond them small ones, and some large ones are
 * kept for readers that turn out to be quick: so many slow readers cost little and hold no quick one up.
 */
export class ReadBuffers {
  readonly #free: Buffers[] = [];
  #inUse = 0;

  /** For a read that begins. */
  lease(): Buffers {
    return this.#large(MAX_LARGE_AT_START) ?? makeBuffers(SMALL_BYTES);
  }

  /**
   * What a reader that has taken so many bytes goes on with: large buffers as soon as it is a quick one and there are
   * some, else what it has. The bytes that lie in what it had stay as they are.
   */
  exchange(buffers: Buffers, takenBytes: number): Buffers {
    if (isLarge(buffers) || takenBytes < QUICK_AFTER_BYTES) return buffers;
    return this.#large(MAX_LARGE) ?? buffers;
  }

  giveBack(buffers: Buffers): void {
    if (!isLarge(buffers)) return;
    this.#inUse -= 1;
    this.#free.push(buffers);
  }

  #large(most: number): Buffers | undefined {
    if (this.#inUse >= most) return undefined;
    this.#inUse += 1;
    return this.#free.pop() ?? makeBuffers(LARGE_BYTES);
  }
}

function isLarge(buffers: Buffers): boolean {
  return buffers[0]?.length === LARGE_BYTES;
}

function makeBuffers(bytes: number): Buffers {
  const memory = new SharedArrayBuffer(BUFFERS * bytes);
  return Array.from({ length: BUFFERS }, (_, index) => Buffer.from(memory, index * bytes, bytes));
}
