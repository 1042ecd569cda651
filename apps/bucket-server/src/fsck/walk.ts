import { type Dirent, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../artifact-store/error-words.ts';

export type Entry = {
  readonly path: string;
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
};

/** What is right in a folder, one by one; nothing where the folder is not there (any more). */
export function* entriesOf(folder: string): Generator<Entry> {
  const dir = openDir(folder);
  if (dir === null) return;
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
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
    if (codeOf(error) !== 'ENOENT') throw error;
    return null;
  }
}

function kindOf(entry: Dirent): Entry['kind'] {
  if (entry.isFile()) return 'file';
  return entry.isDirectory() ? 'folder' : 'other';
}
