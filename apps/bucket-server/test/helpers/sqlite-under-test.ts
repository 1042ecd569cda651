import { join } from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import type { StoreUnderTest } from '../../src/event-store/conformance/test-event-store.ts';
import { openSqliteEventStore, type SqliteEventStoreOptions } from '../../src/event-store/sqlite/open.ts';
import { tempFolder } from './temp-folder.ts';

/** A second connection to the database of a store, as another program has it. */
export function otherProgram(folder: string): Database {
  return new BetterSqlite3(join(folder, 'events.db'), { timeout: 5000 });
}

/** Keeps the store in `folder` from beginning a commit, by a write transaction of another program. */
export function stallCommits(folder: string): () => void {
  const other = otherProgram(folder);
  other.exec('BEGIN IMMEDIATE');
  return () => {
    other.exec('ROLLBACK');
    other.close();
  };
}

/** Runs SQL from another program while the store is open. */
export function execute(folder: string, sql: string): void {
  const other = otherProgram(folder);
  other.exec(sql);
  other.close();
}

/** A trigger that makes the engine refuse events whose event_data contains `marker`. */
export function refusingTrigger(marker: string, kind: 'ABORT' | 'FAIL' | 'ROLLBACK' = 'ABORT'): string {
  return `CREATE TRIGGER refuse_${marker} BEFORE INSERT ON events WHEN instr(NEW.event_data, '${marker}')
          BEGIN SELECT RAISE(${kind}, 'refused for a test'); END`;
}

/** A trigger that keeps the engine busy for about `ms` when it inserts an event whose event_data contains `marker`. */
export function slowTrigger(marker: string, ms: number): string {
  const busyWork = (rounds: number) =>
    `SELECT count(*) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT ${rounds}) SELECT x FROM c)`;
  const db = new BetterSqlite3(':memory:');
  const statement = db.prepare(busyWork(200_000));
  // The quickest of some: what else the machine does meanwhile would make the trigger too quick afterwards.
  const times = Array.from({ length: 8 }, () => {
    const started = performance.now();
    statement.get();
    return performance.now() - started;
  });
  const rounds = Math.ceil((200_000 * ms) / Math.min(...times));
  db.close();
  return `CREATE TRIGGER slow_${marker} BEFORE INSERT ON events WHEN instr(NEW.event_data, '${marker}')
          BEGIN ${busyWork(rounds)}; END`;
}

export type SqliteUnderTest = StoreUnderTest & { readonly folder: string };

export async function openUnderTest(
  options: Partial<SqliteEventStoreOptions> = {},
): Promise<SqliteUnderTest> {
  const { folder, remove } = await tempFolder();
  const open = () => openSqliteEventStore({ folder, ...options });
  // Other workers may not create the files, so the real ones have done it before.
  if (options.workers !== undefined) await (await openSqliteEventStore({ folder })).close();
  let store = await open();
  return {
    folder,
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    refuse: async (marker) => execute(folder, refusingTrigger(marker)),
    async stall() {
      const goOn = stallCommits(folder);
      return async () => goOn();
    },
    async dispose() {
      await store.close();
      await remove();
    },
  };
}
