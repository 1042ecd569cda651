import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { codeOf, messageOf } from '../error-words.ts';
import { fullDisk } from './room.ts';

export type DataFolderErrorCode = 'locked' | 'unusable';

/** A data folder cannot be used. The message names it and says what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code: DataFolderErrorCode;

  constructor(code: DataFolderErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A killed process holds its locks until the kernel has taken it apart; a successor waits this long for that. */
const LOCK_WAIT_MS = 1000;

/**
 * Creates the folder (mode 0700, its parents too) where it is not there. Returns the uppermost folder that has a new
 * entry now, for `syncFolders`. Throws DataFolderError `unusable`.
 */
export function prepareFolder(folder: string): string {
  try {
    // One folder at a time: Node's recursive mkdir never ends where a folder exists but takes no entry (/proc).
    const missing: string[] = [];
    let uppermost = folder;
    for (; !existsSync(uppermost) && uppermost !== dirname(uppermost); uppermost = dirname(uppermost)) {
      missing.unshift(uppermost);
    }
    for (const path of missing) mkdirSync(path, { mode: 0o700 });
    if (!statSync(folder).isDirectory()) throw new Error('it is not a folder');
    return uppermost;
  } catch (error) {
    const message = `The data folder ${folder} cannot be created: ${messageOf(error)}. ${adviceFor(folder)}`;
    throw new DataFolderError('unusable', message);
  }
}

/** What to do about a data folder that could not be used. */
function adviceFor(folder: string): string {
  return fullDisk(folder) ?? 'Point BUCKET_DATA_DIR at a folder that this user may write, on a local disk.';
}

/**
 * Makes the folder this process's own, until the function that comes back is called or the process is gone: the lock
 * is a file lock of the operating system, which dies with its process, so a crash leaves nothing to clean up.
 * Throws DataFolderError.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'bucket.lock');
  let lock: BetterSqlite3.Database | undefined;
  try {
    lock = new BetterSqlite3(path, { timeout: LOCK_WAIT_MS });
    lock.pragma('journal_mode = MEMORY'); // nothing is ever written, so a crash need not leave a journal
    lock.exec('BEGIN EXCLUSIVE');
    const held = lock;
    return () => void held.close();
  } catch (error) {
    lock?.close();
    if (codeOf(error)?.startsWith('SQLITE_BUSY')) {
      const message = `Another Bucket works in the data folder ${folder}. Stop it first, or give this one a folder of its own with BUCKET_DATA_DIR.`;
      throw new DataFolderError('locked', message);
    }
    const message = `The data folder ${folder} cannot be locked: ${messageOf(error)}. ${adviceFor(folder)}`;
    throw new DataFolderError('unusable', message);
  }
}

/** Makes the names of new files and folders durable: fsyncs `folder` and those above it up to `uppermost`. */
export function syncFolders(folder: string, uppermost: string): void {
  for (let path = folder; ; path = dirname(path)) {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    if (path === uppermost) return;
  }
}
