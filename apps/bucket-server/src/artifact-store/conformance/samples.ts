import { createHash, randomBytes } from 'node:crypto';
import { blobKey } from '../keys.ts';
import type { BlobClaim, ByteRange, ObjectStore } from '../object-store.ts';

export type Sample = { readonly bytes: Buffer; readonly key: string; readonly claim: BlobClaim };

const MAX_BYTES = 1024 ** 3;

/** Random bytes, the key they belong under, and a true claim. */
export function sampleBlob(size: number): Sample {
  return sampleOf(randomBytes(size));
}

export function sampleOf(bytes: Buffer): Sample {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, key: blobKey(sha256), claim: { sha256, size: bytes.length, maxBytes: MAX_BYTES } };
}

/** The bytes in pieces of one length. The memory of a piece is used again for the next one, as a network stack does. */
export async function* inPieces(bytes: Uint8Array, length = 65_536): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(length);
  for (let start = 0; start < bytes.length; start += length) {
    const part = bytes.subarray(start, start + length);
    memory.set(part);
    yield memory.subarray(0, part.length);
    memory.fill(0xee);
  }
}

/** Some bytes, and then nothing, for ever: a client that stalls. `stalls` resolves when it does. */
export function stallingAfter(bytes: Uint8Array) {
  let tell = () => {};
  const stalls = new Promise<void>((resolve) => {
    tell = resolve;
  });
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield* inPieces(bytes);
    tell();
    await new Promise(() => {});
  }
  return { pieces: pieces(), stalls };
}

/** Some bytes, and then the error. */
export async function* failingAfter(bytes: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield* inPieces(bytes);
  throw error;
}

export function put(store: ObjectStore, { key, bytes, claim }: Sample): Promise<{ readonly size: number }> {
  return store.putBlob(key, inPieces(bytes), claim);
}

/** All the bytes of an object, or those of a range; null where there is none. */
export async function read(store: ObjectStore, key: string, range?: ByteRange): Promise<Buffer | null> {
  const object = await store.get(key, range);
  if (object === null) return null;
  const pieces: Buffer[] = [];
  for await (const piece of object.pieces) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** The contents of the refs under a prefix by key, and how many pages they came in. */
export async function readRefs(store: ObjectStore, prefix: string) {
  const contents = new Map<string, string>();
  let pages = 0;
  for await (const page of store.listRefs(prefix)) {
    pages += 1;
    for (const { key, bytes } of page) contents.set(key, Buffer.from(bytes).toString());
  }
  return { contents, pages };
}

export async function readList(store: ObjectStore, prefix: string) {
  const sizes = new Map<string, number>();
  let pages = 0;
  for await (const page of store.list(prefix)) {
    pages += 1;
    for (const { key, size } of page) sizes.set(key, size);
  }
  return { sizes, pages };
}

export async function codeOfRejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
  }
  return 'no rejection';
}
