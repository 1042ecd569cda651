import { PACK_BYTES } from '../manifest/tree.ts';

/**
 * The memory that ranges are read into, used again and again, and shared with the thread that works on it. Without it
 * each range would be 32 MiB of garbage, of which the allocator of the system keeps some 100 MiB for itself.
 */
export class ReadBuffers {
  readonly #free: SharedArrayBuffer[] = [];
  readonly #lent = new Set<SharedArrayBuffer>();

  /** What `read` gives. It is given memory, which it may use for its answer. */
  async lend(length: number, read: (into: Uint8Array) => Promise<Uint8Array>): Promise<Uint8Array> {
    if (length > PACK_BYTES) return read(new Uint8Array(length));
    const buffer = this.#free.pop() ?? new SharedArrayBuffer(PACK_BYTES);
    try {
      const bytes = await read(new Uint8Array(buffer, 0, length));
      if (bytes.buffer === buffer) this.#lent.add(buffer);
      return bytes;
    } finally {
      if (!this.#lent.has(buffer)) this.#free.push(buffer);
    }
  }

  /** Takes memory back; what was not lent is left alone. */
  release({ buffer }: Uint8Array): void {
    if (buffer instanceof SharedArrayBuffer && this.#lent.delete(buffer)) this.#free.push(buffer);
  }
}
