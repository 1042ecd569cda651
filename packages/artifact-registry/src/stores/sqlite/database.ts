import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { RegistryOpenError } from '../../registry/errors.ts';
import { messageOf } from '../../shown.ts';
import { isBusy, sqliteCode } from './failure.ts';
import { checkedVersion, migrate } from './migrations.ts';

/** The size, in bytes, to which the write-ahead log is cut back after it had to grow. */
const WAL_SIZE_LIMIT = 16 * 1024 * 1024;

/** Two connections to one registry. */
export interface Databases {
  readonly writer: Database;
  readonly reader: Database;
}

/**
 * Opens or creates the registry at `path`: WAL, every commit fsynced, schema up to date, the file's name durable. Many
 * processes may do so at once. Waits up to `waitMs` for the locks of others. Throws RegistryOpenError, which names the
 * file and says what to do.
 */
export function openDatabases(path: string, waitMs: number): Databases {
  let writer: Database | undefined;
  let reader: Database | undefined;
  try {
    const uppermost = createFolder(dirname(path));
    writer = openWriter(path, waitMs);
    syncFolders(dirname(path), uppermost);
    reader = new BetterSqlite3(path, { readonly: true, timeout: waitMs });
    return { writer, reader };
  } catch (error) {
    reader?.close();
    writer?.close();
    throw error instanceof RegistryOpenError ? error : openError(error, path);
  }
}

function openWriter(path: string, waitMs: number): Database {
  const db = new BetterSqlite3(path, { timeout: waitMs });
  try {
    retryWhileBusy(waitMs, () => {
      checkedVersion(db, path); // before anything is written: a file of somebody else's stays as it is
      const mode = db.pragma('journal_mode = WAL', { simple: true });
      if (mode !== 'wal') throw noWal(path, String(mode));
      // better-sqlite3 is built so that WAL means synchronous=NORMAL, which does not fsync a commit.
      db.pragma('synchronous = FULL');
      db.pragma('fullfsync = ON'); // macOS: fsync alone does not reach the disk there
      db.pragma('foreign_keys = ON');
      db.pragma(`journal_size_limit = ${WAL_SIZE_LIMIT}`);
      migrate(db, path);
    });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite's own waiting does not cover the change to WAL: where two do it at once, one fails at once. */
function retryWhileBusy(waitMs: number, work: () => void): void {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + Math.random() * 20);
  }
}

/** Creates the folder and those above it, mode 0700. Returns the uppermost folder that has a new entry now. */
function createFolder(folder: string): string {
  // One folder at a time: Node's recursive mkdir never ends where a folder exists but takes no entry (/proc).
  const missing: string[] = [];
  let uppermost = folder;
  for (; !existsSync(uppermost) && uppermost !== dirname(uppermost); uppermost = dirname(uppermost)) {
    missing.unshift(uppermost);
  }
  for (const path of missing) createUnlessThere(path);
  return uppermost;
}

function createUnlessThere(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(path)) throw error; // otherwise another process has just created it
  }
}

/** Makes the names of new files and folders durable: fsyncs `folder` and those above it up to `uppermost`. */
function syncFolders(folder: string, uppermost: string): void {
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

function noWal(path: string, mode: string): RegistryOpenError {
  const message = `The file system under ${path} cannot hold a write-ahead log (journal mode is "${mode}"): give a path on a local disk.`;
  return new RegistryOpenError('unusable', message, { expected: 'wal', found: mode });
}

function openError(error: unknown, path: string): RegistryOpenError {
  const code = sqliteCode(error);
  const why = `${messageOf(error)} (${code ?? 'no code'})`;
  if (isBusy(error)) {
    const message = `${path} is locked by another program and could not be opened: ${why}. Try again, or look for a program that holds a transaction open.`;
    return new RegistryOpenError('busy', message, { found: code });
  }
  if (code === 'SQLITE_NOTADB') {
    const message = `${path} is not a SQLite database: give the path of a registry, or of a file that is not there yet.`;
    return new RegistryOpenError('foreign', message, { found: code });
  }
  const message = `${path} cannot be opened as a registry: ${why}. Look at the rights of its folder and at its disk, or give another path.`;
  return new RegistryOpenError('unusable', message, { found: code });
}
