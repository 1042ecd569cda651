import { dirname } from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { fullDisk } from '../../data-folder/room.ts';
import { messageOf } from '../../error-words.ts';
import { EventStoreOpenError } from '../event-store.ts';
import { sqliteCode } from './failure.ts';
import { migrate } from './schema.ts';

/** How long opening waits for a lock that another program (a backup, the sqlite3 program) holds for a moment. */
const OPEN_LOCK_WAIT_MS = 5000;

/** The size, in bytes, to which the write-ahead log is cut back after it had to grow. */
const WAL_SIZE_LIMIT = 64 * 1024 * 1024;

/**
 * Opens or creates an event database for writing: WAL, every commit fsynced, schema up to date.
 * Throws EventStoreOpenError, which names the file and says what to do.
 */
export function openDatabase(path: string): Database {
  let db: Database | undefined;
  try {
    db = new BetterSqlite3(path, { timeout: OPEN_LOCK_WAIT_MS });
    // better-sqlite3 is built so that WAL means synchronous=NORMAL, which does not fsync a commit.
    db.pragma('synchronous = FULL');
    db.pragma('fullfsync = ON'); // macOS: fsync alone does not reach the disk there
    migrate(db, path);
    useWal(db, path);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof EventStoreOpenError) throw error;
    throw unusable(path, error);
  }
}

function useWal(db: Database, path: string): void {
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') {
    const message = `The file system under ${path} cannot hold a write-ahead log (journal mode is "${mode}"). Point BUCKET_DATA_DIR at a local disk.`;
    throw new EventStoreOpenError('unusable', message);
  }
  db.pragma(`journal_size_limit = ${WAL_SIZE_LIMIT}`);
}

function unusable(path: string, error: unknown): EventStoreOpenError {
  const code = sqliteCode(error);
  if (code === 'SQLITE_NOTADB') {
    const message = `${path} is not a SQLite database. Point BUCKET_DATA_DIR at another folder, or move the file away.`;
    return new EventStoreOpenError('foreign', message);
  }
  const advice = fullDisk(dirname(path)) ?? 'Look at the rights of the folder and at its disk.';
  const message = `${path} cannot be opened as an event store: ${messageOf(error)} (${code ?? 'no code'}). ${advice}`;
  return new EventStoreOpenError('unusable', message);
}
