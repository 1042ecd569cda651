import { createHash } from 'node:crypto';

/**
 * The chunks of bytes by the rule as it is written down in docs/manifest.md, one byte at a time and without any skip:
 * slow, plain, and nothing of the product in it.
 */
export function referenceEnds(
  bytes: Uint8Array,
  { minBytes, maxBytes, maskBits }: { minBytes: number; maxBytes: number; maskBits: number },
  cuts: readonly number[] = [],
): number[] {
  const table = Array.from({ length: 256 }, (_, index) =>
    createHash('sha256')
      .update(`bhiv gear ${index >> 3}`)
      .digest()
      .readUInt32BE((index % 8) * 4),
  );
  const ends: number[] = [];
  let hash = 0;
  let start = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    hash = (hash * 2 + (table[bytes[at] ?? 0] ?? 0)) % 2 ** 32;
    const length = at + 1 - start;
    const isBoundary = length >= minBytes && hash < 2 ** (32 - maskBits);
    if (isBoundary || length === maxBytes || cuts.includes(at + 1) || at + 1 === bytes.length) {
      ends.push(at + 1);
      start = at + 1;
    }
  }
  return ends;
}
