import { dirname } from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { hasRoom } from '../../data-folder/room.ts';
import type { EventRecord } from '../event-store.ts';
import { EventStoreOpenError } from '../event-store.ts';
import { DataFiles } from './data-files.ts';
import { openDatabase } from './database.ts';
import {
  concernsOneEvent,
  type Failure,
  fileIsGone,
  refusal,
  sqliteCode,
  unknownOutcome,
  writeFailure,
} from './failure.ts';
import { prepareInsert } from './insert.ts';
import { type FailedTransaction, prepareTransactions, type Transactions } from './transaction.ts';

/** How long a batch waits for a lock that another program holds, before its events go back to the queue. */
const LOCK_WAIT_MS = 100;

/** What became of a batch, as plain data (see CommitResult); `refused` holds the index of an event and why. */
export type BatchOutcome =
  | { readonly outcome: 'committed'; readonly refused: readonly (readonly [number, Failure])[] }
  | { readonly outcome: 'failed'; readonly failure: Failure }
  | { readonly outcome: 'not_begun' };

/**
 * The one connection that writes. Synchronous: it belongs in a worker thread. Errors of the engine come back as
 * outcomes; what is thrown is a programming error.
 */
export class Writer {
  readonly #db: Database;
  readonly #path: string;
  readonly #files: DataFiles;
  readonly #insert: (events: readonly EventRecord[]) => void;
  readonly #transactions: Transactions;
  readonly #smallWrite: () => void;
  #wasFull = false;
  readonly firstFailure: Failure | null;

  /**
   * Opens or creates the database at `path`, brings it to the newest schema and tries a small write. A file that may not
   * be written throws EventStoreOpenError, as everything that keeps it from being opened does; any other failure of the
   * write (a full disk, a lock) may pass, and is in `firstFailure`.
   */
  static open(path: string): Writer {
    const db = openDatabase(path);
    db.pragma(`busy_timeout = ${LOCK_WAIT_MS}`);
    const writer = new Writer(db, path);
    if (!writer.firstFailure?.reason.startsWith('SQLITE_READONLY')) return writer;
    db.close();
    const message = `${path} may not be written by this user (${writer.firstFailure.reason}). Give this user the right to write the data folder and its files, or point BUCKET_DATA_DIR at another folder.`;
    throw new EventStoreOpenError('unusable', message);
  }

  private constructor(db: Database, path: string) {
    const smallWrite = db.prepare('UPDATE totals SET probes = probes + 1 WHERE id = 1');
    this.#db = db;
    this.#path = path;
    this.#insert = prepareInsert(db);
    this.#transactions = prepareTransactions(db);
    this.#smallWrite = () => void smallWrite.run();
    this.#files = new DataFiles(path);
    this.firstFailure = this.probe();
  }

  /** Returns `committed` after the COMMIT was fsynced. A COMMIT that failed is never run again. */
  commit(batch: readonly EventRecord[]): BatchOutcome {
    const missing = this.#files.findMissing();
    if (missing !== undefined) return { outcome: 'failed', failure: fileIsGone(missing) };
    const failed = this.#transactions.run(() => this.#insert(batch));
    const isRefusal = failed?.step === 'work' && concernsOneEvent(sqliteCode(failed.error));
    const outcome = isRefusal ? this.#commitOneByOne(batch) : this.#outcomeOf(failed);
    if (outcome.outcome !== 'not_begun') {
      this.#wasFull = outcome.outcome === 'failed' && outcome.failure.code === 'disk_full';
    }
    return outcome;
  }

  /** Tries a small write, and after a full disk wants some free room too. Returns the failure, or null. */
  probe(): Failure | null {
    const missing = this.#files.findMissing();
    if (missing !== undefined) return fileIsGone(missing);
    if (this.#wasFull && !hasRoom(dirname(this.#path))) {
      return writeFailure(new BetterSqlite3.SqliteError('less than 1 MiB is free', 'SQLITE_FULL'));
    }
    const failed = this.#transactions.run(this.#smallWrite);
    return failed === undefined ? null : writeFailure(failed.error);
  }

  close(): void {
    this.#db.close();
  }

  /** Each event under its own savepoint, all in one transaction: only the ones that the engine refuses fail. */
  #commitOneByOne(batch: readonly EventRecord[]): BatchOutcome {
    const refused = new Map<number, Failure>();
    for (;;) {
      let transactionWasLost = false;
      const failed = this.#transactions.run(() => {
        for (const [index, event] of batch.entries()) {
          if (refused.has(index)) continue;
          const refusedNow = this.#transactions.savepoint(() => this.#insert([event]));
          if (refusedNow === undefined) continue;
          refused.set(index, refusal(refusedNow.error));
          transactionWasLost = !this.#db.inTransaction;
          if (transactionWasLost) throw refusedNow.error;
        }
      });
      if (!transactionWasLost) return this.#outcomeOf(failed, [...refused]);
    }
  }

  #outcomeOf(failed: FailedTransaction | undefined, refused: [number, Failure][] = []): BatchOutcome {
    if (failed === undefined) return { outcome: 'committed', refused };
    const isLocked = sqliteCode(failed.error)?.startsWith('SQLITE_BUSY') ?? false;
    if (failed.step === 'begin' && isLocked) return { outcome: 'not_begun' };
    const failure =
      failed.step === 'commit' ? this.#afterFailedCommit(failed.error) : writeFailure(failed.error);
    return { outcome: 'failed', failure };
  }

  /**
   * A COMMIT that failed may have left complete frames in the write-ahead log (its fsync failed, say). SQLite has
   * forgotten them, but recovery after a crash would find them, and events that were answered "not stored" would come
   * back. The next transaction overwrites them from the first one on, so one is made at once, before anybody is
   * answered. For the same reason the database is not opened anew after a failed commit.
   */
  #afterFailedCommit(error: unknown): Failure {
    const lastFrameWasWritten = !/^SQLITE_(FULL|IOERR_WRITE)$/.test(sqliteCode(error) ?? '');
    if (!lastFrameWasWritten) return writeFailure(error);
    const overwriting = this.#transactions.run(this.#smallWrite);
    const overwritten =
      overwriting === undefined || /^SQLITE_IOERR_(DIR_)?FSYNC$/.test(sqliteCode(overwriting.error) ?? '');
    return overwritten ? writeFailure(error) : unknownOutcome(error);
  }
}
