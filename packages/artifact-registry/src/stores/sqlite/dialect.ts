import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import type { Tables } from '../sql/tables.ts';
import { CommitFailed, isBusy } from './failure.ts';

/** How long SQLite itself waits for the lock, in ms: the thread is held meanwhile, and no read is answered. */
const LOCK_WAIT_MS = 5;
/** The longest pause before the lock is tried again. Pauses are of random length, so that no process starves. */
const MAX_PAUSE_MS = 20;

interface WriteOptions {
  /** How long a transaction waits for those of other processes. */
  readonly busyTimeoutMs: number;
  /** Called before each transaction; what it throws fails it. */
  readonly beforeWrite: () => void;
}

/** For transactions that only read, on a connection of its own: in WAL mode they wait for nobody. */
export function kyselyForReading(db: Database): Kysely<Tables> {
  return new Kysely({ dialect: new SqliteDialect({ database: db }) });
}

/**
 * For transactions that write. Each takes the one lock of the database when it begins (BEGIN IMMEDIATE), because a
 * transaction that reads first and writes later fails when another has written between. The wait for it is a pause of
 * the transaction and not of the thread.
 */
export function kyselyForWriting(db: Database, options: WriteOptions): Kysely<Tables> {
  db.pragma(`busy_timeout = ${LOCK_WAIT_MS}`);
  return new Kysely({ dialect: new WritingDialect(db, options) });
}

class WritingDialect extends SqliteDialect {
  readonly #db: Database;
  readonly #options: WriteOptions;

  constructor(db: Database, options: WriteOptions) {
    super({ database: db });
    this.#db = db;
    this.#options = options;
  }

  override createDriver(): Driver {
    return new WritingDriver(this.#db, this.#options);
  }
}

class WritingDriver extends SqliteDriver {
  readonly #db: Database;
  readonly #options: WriteOptions;

  constructor(db: Database, options: WriteOptions) {
    super({ database: db });
    this.#db = db;
    this.#options = options;
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    this.#options.beforeWrite();
    const deadline = performance.now() + this.#options.busyTimeoutMs;
    for (;;) {
      try {
        await connection.executeQuery(CompiledQuery.raw('BEGIN IMMEDIATE'));
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
      }
      await delay(Math.random() * MAX_PAUSE_MS);
    }
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.commitTransaction(connection);
    } catch (error) {
      throw new CommitFailed('COMMIT failed', { cause: error });
    }
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // Some errors (a full disk, an I/O error) have rolled back already.
    if (this.#db.inTransaction) await super.rollbackTransaction(connection);
  }
}
