// Runs of synchronous system calls that change the file system, each for one lane. Descriptors are the process's, so one
// that the main thread opened can be used in a lane, but only the thread that opened one may close it: Node closes what a
// thread leaves open. What fails leaves its temporary file behind: the caller removes it.
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  writeSync,
} from 'node:fs';
import { codeOf } from '../../error-words.ts';
import { FILE_MODE, FOLDER_MODE } from './system-calls.ts';

export const laneFunctions = {
  /** Steps 1 to 3 of an upload that is small enough to have waited in memory, digest checked. */
  storeBlob(temp: string, target: string, bytes: Uint8Array): void {
    writeNewFile(temp, bytes);
    renameSync(temp, target);
  },

  /** Step 2 of an upload whose bytes are all written, digest checked. */
  sync(descriptor: number): void {
    fsyncSync(descriptor);
  },

  /** Step 3 of that. */
  rename(temp: string, target: string): void {
    renameSync(temp, target);
  },

  /** Has the kernel write out what was written so far, so that the last fsync is short. */
  writeBack(descriptor: number): void {
    fdatasyncSync(descriptor);
  },

  /** Step 5. `link` is atomic: of any number of callers, in any number of processes, one is told `created`. */
  linkRef(temp: string, target: string, bytes: Uint8Array): 'created' | 'exists' {
    writeNewFile(temp, bytes);
    try {
      linkSync(temp, target);
      return 'created';
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      return 'exists';
    }
  },

  /** Steps 4 and 6: the names in a folder become durable. */
  syncFolder(path: string): void {
    syncNames(path);
  },

  /** Whether the folder was not there before. */
  makeFolder(path: string): boolean {
    try {
      mkdirSync(path, { mode: FOLDER_MODE });
      return true;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      return false;
    }
  },

  removeFolder(path: string): void {
    rmdirSync(path);
  },

  /** Fails unless a small file can be written, for real. */
  probe(temp: string): void {
    writeNewFile(temp, new Uint8Array(1024));
  },
};

/** A failed fsync is never called again: the kernel may have forgotten what it could not write. */
function writeNewFile(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'wx', FILE_MODE);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, undefined, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function syncNames(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
