import { codeOf } from '../error-words.ts';
import { MAX_REF_BYTES, ObjectStoreError } from '../object-store.ts';
import { asStoreError } from './failure.ts';
import { closeFile, openFile, readAt } from './system-calls.ts';

/** Most refs are smaller. */
const FIRST_BYTES = 2048;

/** The whole of a small file; null where there is none. Rejects with ObjectStoreError. */
export async function readSmallFile(path: string): Promise<Uint8Array | null> {
  try {
    const descriptor = await openFile(path, 'r');
    try {
      return await readAll(descriptor, path);
    } finally {
      // Nothing was written through it, so an error of close loses nothing.
      await closeFile(descriptor).catch(() => undefined);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw asStoreError(error, 'the reading of a ref');
  }
}

async function readAll(descriptor: number, path: string): Promise<Uint8Array> {
  let memory = Buffer.alloc(FIRST_BYTES);
  for (let length = 0; length <= MAX_REF_BYTES; ) {
    if (length === memory.length) memory = Buffer.concat([memory], 2 * length);
    const count = await readAt(descriptor, memory.subarray(length), length);
    if (count === 0) return memory.subarray(0, length);
    length += count;
  }
  const message = `${path} is larger than a ref can be: run bucket-server fsck.`;
  throw new ObjectStoreError('damaged', message, 'too large');
}
