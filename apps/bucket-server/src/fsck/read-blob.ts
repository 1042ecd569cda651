import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { READ_ONLY } from '../artifact-store/files/system-calls.ts';
import { codeOf, messageOf } from '../error-words.ts';

export type BlobState =
  | { readonly state: 'sound' | 'gone'; readonly size: number }
  | { readonly state: 'damaged'; readonly size: number; readonly why: string };

/** Called after each stretch with its length, so that others get their turn. */
export type OnRead = (bytes: number) => Promise<void>;

const memory = Buffer.alloc(1024 * 1024);

/** Reads a blob and compares its digest. One that an upload replaces meanwhile is read once more. */
export async function readBlob(path: string, sha256: string, onRead: OnRead): Promise<BlobState> {
  const first = await readOnce(path, sha256, onRead);
  if (first.state !== 'damaged' || first.inode === inodeOf(path)) return first;
  return readOnce(path, sha256, onRead);
}

async function readOnce(
  path: string,
  sha256: string,
  onRead: OnRead,
): Promise<BlobState & { inode?: bigint }> {
  let size = 0;
  let inode = 0n;
  try {
    const descriptor = openSync(path, READ_ONLY);
    try {
      inode = fstatSync(descriptor, { bigint: true }).ino;
      const hash = createHash('sha256');
      for (let count = read(descriptor); count > 0; count = read(descriptor)) {
        hash.update(memory.subarray(0, count));
        size += count;
        await onRead(count);
      }
      const found = hash.digest('hex');
      if (found === sha256) return { state: 'sound', size };
      return { state: 'damaged', size, inode, why: `its digest is sha256:${found}` };
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { state: 'gone', size };
    return { state: 'damaged', size, inode, why: messageOf(error) };
  }
}

function read(descriptor: number): number {
  return readSync(descriptor, memory, 0, memory.length, null);
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
