import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { ChunkingParameters } from './parameters.ts';

/** A boundary depends on so many bytes before it and on nothing else: older ones have been shifted out of the hash. */
const WINDOW = 32;

/** Where each chunk ends. */
export interface Gear {
  /**
   * The end of the chunk that starts at `start`, as an index into the buffer. `end` is where the bytes end, either
   * because nothing follows or because maxBytes are there.
   */
  endOfChunk(start: number, end: number): number;
}

/**
 * A gear hash over the bytes of a buffer: `hash = (hash << 1) + table[byte]`, in 32 bits. A chunk ends behind the
 * first byte, from minBytes on, where the top `maskBits` bits of the hash are all 0, and after maxBytes at the latest.
 * What lies before minBytes is skipped, but for the window of the hash.
 */
export function gearOver(buffer: ArrayBuffer, { minBytes, maxBytes, maskBits }: ChunkingParameters): Gear {
  const bytes = new Uint8Array(buffer);
  const words = new Uint32Array(buffer, 0, buffer.byteLength >>> 2);
  const table = gearTable();
  const mask = -(2 ** (32 - maskBits)) | 0;
  const find = endianness() === 'LE' ? boundaryByWords : boundaryByBytes;
  return {
    endOfChunk(start, end) {
      const limit = Math.min(end, start + maxBytes);
      const first = start + minBytes;
      return first >= limit ? limit : find(bytes, words, table, mask, first, limit);
    },
  };
}

/**
 * The numbers of the hash: number i is the i-th 32-bit word, big-endian, of SHA-256("bhiv gear 0") and of those of
 * "bhiv gear 1" to "bhiv gear 31" behind it. With other numbers everything that is stored would be cut anew.
 */
export function gearTable(): Int32Array {
  const table = new Int32Array(256);
  for (let group = 0; group < 32; group += 1) {
    const words = createHash('sha256').update(`bhiv gear ${group}`).digest();
    for (let word = 0; word < 8; word += 1) table[group * 8 + word] = words.readInt32BE(word * 4);
  }
  return table;
}

// The loops below are all that chunking costs. Every index lies within its array, so what is read is a number: `as`
// says so without the cost of a check.

/** The first boundary behind `first - 1` bytes or more and before `limit`, else `limit`. */
export function boundaryByBytes(
  bytes: Uint8Array,
  _words: Uint32Array,
  table: Int32Array,
  mask: number,
  first: number,
  limit: number,
): number {
  let hash = hashBefore(bytes, table, first);
  for (let at = first - 1; at < limit; at += 1) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
    if ((hash & mask) === 0) return at + 1;
  }
  return limit;
}

/** The same, four bytes at a time where they are aligned: twice as quick. Needs a little-endian machine. */
export function boundaryByWords(
  bytes: Uint8Array,
  words: Uint32Array,
  table: Int32Array,
  mask: number,
  first: number,
  limit: number,
): number {
  let hash = hashBefore(bytes, table, first);
  let at = first - 1;
  for (const aligned = Math.min((at + 3) & ~3, limit); at < aligned; at += 1) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
    if ((hash & mask) === 0) return at + 1;
  }
  let word = at >>> 2;
  for (const end = limit >>> 2; word < end; word += 1) {
    const four = words[word] as number;
    const one = ((hash << 1) + (table[four & 255] as number)) | 0;
    const two = ((one << 1) + (table[(four >>> 8) & 255] as number)) | 0;
    const three = ((two << 1) + (table[(four >>> 16) & 255] as number)) | 0;
    hash = ((three << 1) + (table[four >>> 24] as number)) | 0;
    if ((one & mask) === 0) return word * 4 + 1;
    if ((two & mask) === 0) return word * 4 + 2;
    if ((three & mask) === 0) return word * 4 + 3;
    if ((hash & mask) === 0) return word * 4 + 4;
  }
  for (at = Math.max(at, word * 4); at < limit; at += 1) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
    if ((hash & mask) === 0) return at + 1;
  }
  return limit;
}

/** The hash of the window that ends before the byte `first - 1`, which is the first that may end a chunk. */
function hashBefore(bytes: Uint8Array, table: Int32Array, first: number): number {
  let hash = 0;
  for (let at = first - WINDOW; at < first - 1; at += 1) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
  }
  return hash;
}
