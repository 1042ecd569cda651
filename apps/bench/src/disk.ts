import { closeSync, fsyncSync, openSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes every file of just this size under a folder: what was uploaded to a store of whatever layout. */
export function removeFilesOfSize(folder: string, bytes: number): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && statSync(path).size === bytes) unlinkSync(path);
  }
  settle(folder);
}

/** Has the file system write down what it has put off, so that the next who is timed does not pay for it. */
function settle(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** The size itself, or as much of it (halved as often as it takes) as the disk has room for, so many times over. */
export async function sizeThatFits(folder: string, count: number, wanted: number): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  let bytes = wanted;
  while (count * bytes * 1.05 > bavail * bsize) bytes /= 2;
  return bytes;
}
