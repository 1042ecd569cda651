import { createCipheriv, createHash } from 'node:crypto';

/** The bytes of one artifact. Bodies with different seeds have different bytes, which no compression makes fewer. */
export interface Body {
  readonly seed: number;
  readonly bytes: number;
}

/** A large body is this block over and over: it stays in the cache of a core, so that sending it costs least. */
const BLOCK_BYTES = 1024 * 1024;

/** The body in pieces. The same memory is given again and again: it is to be read only. */
export function* piecesOf({ seed, bytes }: Body): Generator<Buffer> {
  const block = noise(seed, Math.min(bytes, BLOCK_BYTES));
  for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, left);
}

/** The SHA-256, as 64 hex digits. Takes as long as it takes to hash the body. */
export function sha256Of(body: Body): string {
  const hash = createHash('sha256');
  for (const piece of piecesOf(body)) hash.update(piece);
  return hash.digest('hex');
}

function noise(seed: number, bytes: number): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}
