import type { Database } from 'better-sqlite3';
import { concernsOneEvent, sqliteCode } from './failure.ts';

/** A transaction that failed, and how far it had come. It has been rolled back. */
export type FailedTransaction = { readonly step: 'begin' | 'work' | 'commit'; readonly error: unknown };

export type Transactions = {
  /** Runs `work` in a transaction and commits it. An error that is not SQLite's is thrown, after the rollback. */
  run(work: () => void): FailedTransaction | undefined;
  /**
   * Runs `work` under a savepoint inside a transaction. An error that concerns this work alone is undone and returned;
   * any other is thrown. After it `db.inTransaction` may be false: a RAISE(ROLLBACK) in somebody's trigger ends all.
   */
  savepoint(work: () => void): { readonly error: unknown } | undefined;
};

export function prepareTransactions(db: Database): Transactions {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const open = db.prepare('SAVEPOINT one_event');
  const release = db.prepare('RELEASE one_event');
  const undo = db.prepare('ROLLBACK TO one_event');

  return {
    run(work) {
      let step: FailedTransaction['step'] = 'begin';
      try {
        begin.run();
        step = 'work';
        work();
        step = 'commit';
        commit.run();
        return undefined;
      } catch (error) {
        // Some errors (a full disk, an I/O error) have rolled back already.
        if (db.inTransaction) rollback.run();
        if (sqliteCode(error) === undefined) throw error;
        return { step, error };
      }
    },
    savepoint(work) {
      open.run();
      try {
        work();
      } catch (error) {
        if (!concernsOneEvent(sqliteCode(error))) throw error;
        if (db.inTransaction) {
          undo.run();
          release.run();
        }
        return { error };
      }
      release.run();
      return undefined;
    },
  };
}
