import { setImmediate } from 'node:timers/promises';
import { changed, type Source, slices } from './source.ts';

/** Bytes in memory. They are not copied: what the caller does to them meanwhile is found out by their digest. */
export class BytesSource implements Source {
  readonly size: number;
  readonly digest = undefined;
  readonly once = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.byteLength;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for (const piece of slices(this.#bytes)) {
      yield piece;
      await setImmediate(); // the event loop's turn
    }
  }

  async assertUnchanged(): Promise<void> {
    const size = this.#bytes.byteLength; // 0 once their buffer was transferred
    if (size !== this.size) throw changed('its size in bytes', this.size, size);
  }

  async close(): Promise<void> {}
}
