import { codeOf } from '../../error-words.ts';
import { MAX_REF_BYTES, ObjectStoreError } from '../object-store.ts';
import { asStoreError } from './failure.ts';
import { closeFile, openFile, READ_ONLY, readAt, statOpenFile } from './system-calls.ts';

/** Most refs are smaller. */
const FIRST_BYTES = 2048;

/** The whole of a small file; null where there is none. `name` is for errors. Rejects with ObjectStoreError. */
export async function readSmallFile(path: string, name: string): Promise<Uint8Array | null> {
  try {
    const descriptor = await openFile(path, READ_ONLY);
    try {
      if (!(await statOpenFile(descriptor)).isFile()) throw damaged(name, 'not a file');
      return await readAll(descriptor, name);
    } finally {
      // Nothing was written through it, so an error of close loses nothing.
      await closeFile(descriptor).catch(() => undefined);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw asStoreError(error, `the reading of the metadata of ${name}`);
  }
}

async function readAll(descriptor: number, name: string): Promise<Uint8Array> {
  let memory = Buffer.alloc(FIRST_BYTES);
  for (let length = 0; length <= MAX_REF_BYTES; ) {
    if (length === memory.length) memory = Buffer.concat([memory], 2 * length);
    const count = await readAt(descriptor, memory.subarray(length), length);
    if (count === 0) return memory.subarray(0, length);
    length += count;
  }
  throw damaged(name, 'too large');
}

function damaged(name: string, reason: string): ObjectStoreError {
  const message = `The metadata of ${name} is damaged (${reason}): run bucket-server fsck, and bring the file back from a copy.`;
  return new ObjectStoreError('damaged', message, reason);
}
