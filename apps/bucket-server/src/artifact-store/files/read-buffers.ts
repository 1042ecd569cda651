/** A read in progress has this many buffers: two for whoever reads, two that are being filled. */
const BUFFERS = 4;

const LARGE_BYTES = 256 * 1024;
const SMALL_BYTES = 32 * 1024;

/** So many reads have large buffers at one time. */
const MAX_LARGE = 24;

/** The buffers of one read, shared with other threads. */
export type Buffers = readonly Buffer[];

/**
 * Buffers for the reads in progress. The first ones get large buffers; beyond them small ones, so that many slow
 * readers cost little and a quick one always gets on.
 */
export class ReadBuffers {
  readonly #free: Buffers[] = [];
  #made = 0;

  lease(): Buffers {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#made >= MAX_LARGE) return makeBuffers(SMALL_BYTES);
    this.#made += 1;
    return makeBuffers(LARGE_BYTES);
  }

  giveBack(buffers: Buffers): void {
    if (buffers[0]?.length === LARGE_BYTES) this.#free.push(buffers);
  }
}

function makeBuffers(bytes: number): Buffers {
  const memory = new SharedArrayBuffer(BUFFERS * bytes);
  return Array.from({ length: BUFFERS }, (_, index) => Buffer.from(memory, index * bytes, bytes));
}
