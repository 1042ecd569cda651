import { type Dir, type Dirent, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '../error-words.ts';

export type Entry = {
  readonly path: string;
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
};

export const REMEDY_FOR_RIGHTS = 'Run fsck as the user who runs Bucket, or mend the rights.';

/** What is right in a folder, one by one; nothing where the folder is not there (any more). Errors name it. */
export function* entriesOf(folder: string): Generator<Entry> {
  const dir = openDir(folder);
  if (dir === null) return;
  try {
    for (let entry = next(dir, folder); entry !== null; entry = next(dir, folder)) {
      yield { path: join(folder, entry.name), name: entry.name, kind: kindOf(entry) };
    }
  } finally {
    dir.closeSync();
  }
}

function openDir(folder: string) {
  try {
    return opendirSync(folder, { bufferSize: 256 });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw unreadable(folder, error);
    return null;
  }
}

function next(dir: Dir, folder: string): Dirent | null {
  try {
    return dir.readSync();
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function unreadable(folder: string, error: unknown): Error {
  const code = codeOf(error);
  const isForRights = code === 'EACCES' || code === 'EPERM';
  const remedy = isForRights ? REMEDY_FOR_RIGHTS : 'Look at the disk and its file system.';
  return new Error(`The folder ${folder} cannot be read (${code ?? messageOf(error)}). ${remedy}`, {
    cause: error,
  });
}

function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}
