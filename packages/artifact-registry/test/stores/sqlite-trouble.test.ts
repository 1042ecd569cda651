import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { aliasChange, registerAll, sample, searchAll } from '../../src/conformance/samples.ts';
import type { RegistryStore } from '../../src/stores/registry-store.ts';
import { createSqlStore } from '../../src/stores/sql/sql-store.ts';
import { openDatabases } from '../../src/stores/sqlite/database.ts';
import { kyselyForReading, kyselyForWriting } from '../../src/stores/sqlite/dialect.ts';
import { failureOf } from '../../src/stores/sqlite/failure.ts';
import { openInThread } from '../../src/stores/sqlite/in-thread.ts';
import { openSqliteStore } from '../../src/stores/sqlite/open.ts';
import { tempFolder } from '../helpers/stores.ts';

const V1 = { logicalId: 'llama-3-8b', version: 'v1' };

let path: string;
let folder: string;
let remove: () => Promise<void>;
const opened: { close(): unknown }[] = [];

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
  path = join(folder, 'registry.db');
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await remove();
});

function toBeClosed<Opened extends { close(): unknown }>(each: Opened): Opened {
  opened.push(each);
  return each;
}

async function sqlite(busyTimeoutMs = 20_000): Promise<RegistryStore> {
  return toBeClosed(await openSqliteStore({ path, busyTimeoutMs }));
}

/** A second connection, as another program has it. */
function otherProgram(): Database {
  return toBeClosed(new BetterSqlite3(path, { timeout: 5000 }));
}

describe('while another program holds the lock', () => {
  test('a write waits, reads are answered, and the event loop of the caller runs', async () => {
    const store = await sqlite();
    await registerAll(store, [{}]);
    const other = otherProgram();
    other.exec('BEGIN IMMEDIATE');
    let isDone = false;
    const writing = store.changeAlias(aliasChange({})).then((result) => {
      isDone = true;
      return result;
    });
    const ticks: number[] = [];
    const timer = setInterval(() => ticks.push(performance.now()), 10);
    for (let number = 0; number < 20; number += 1) {
      expect((await store.find(V1))?.sequence).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    clearInterval(timer);
    expect(isDone).toBe(false);
    expect(ticks.length).toBeGreaterThan(5);
    other.exec('ROLLBACK');
    expect(await writing).toEqual({ outcome: 'changed', from: null });
  });

  test.each([
    ['on this thread', (busyTimeoutMs: number) => toBeClosed(openInThread({ path, busyTimeoutMs }))],
    ['in its worker', sqlite],
  ])('a write that has waited long enough is given up, and nothing was changed, %s', async (_, open) => {
    const store = await open(100);
    await registerAll(store, [{}]);
    const other = otherProgram();
    other.exec('BEGIN IMMEDIATE');
    await expect(store.register(sample({ version: 'v2' }))).rejects.toMatchObject({
      name: 'RegistryError',
      code: 'store_busy',
      message: expect.stringMatching(/kept by other programs.*Nothing was changed: try again/),
    });
    other.exec('ROLLBACK');
    expect((await store.register(sample({ version: 'v2' }))).outcome).toBe('registered');
    expect((await searchAll(store)).versions.length).toBe(2);
  });
});

describe('a file in trouble', () => {
  test('the database refuses to change or remove a version, whoever asks', async () => {
    await registerAll(await sqlite(), [{}]);
    const other = otherProgram();
    expect(() => other.exec("UPDATE versions SET digest = 'x'")).toThrow('never changes');
    expect(() => other.exec('DELETE FROM versions')).toThrow('never removed');
  });

  test('a statement that fails leaves nothing behind, and the next call works', async () => {
    const store = await sqlite();
    await registerAll(store, [{}]);
    const other = otherProgram();
    other.exec("CREATE TRIGGER no BEFORE INSERT ON tags BEGIN SELECT RAISE(ABORT, 'no tags today'); END");
    await expect(store.register(sample({ version: 'v2', tags: ['a'] }))).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringMatching(/no tags today.*Nothing was changed/),
    });
    expect(await store.find({ logicalId: V1.logicalId, version: 'v2' })).toBe(null);
    expect((await store.register(sample({ version: 'v2' }))).outcome).toBe('registered');
    expect((await store.find({ logicalId: V1.logicalId, alias: 'latest' }))?.sequence).toBe(2);
  });

  test('a transaction that somebody else’s trigger rolls back is a failure too', async () => {
    const store = await sqlite();
    await registerAll(store, [{}]);
    const sql = "CREATE TRIGGER no BEFORE INSERT ON tags BEGIN SELECT RAISE(ROLLBACK, 'all undone'); END";
    otherProgram().exec(sql);
    await expect(store.register(sample({ version: 'v2', tags: ['a'] }))).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('all undone'),
    });
    expect((await searchAll(store)).versions.length).toBe(1);
  });

  test('a file that was moved away takes no more writes, until it is back', async () => {
    const store = toBeClosed(openInThread({ path, busyTimeoutMs: 20_000 }));
    await registerAll(store, [{}]);
    await rename(path, `${path}.away`);
    const refused = { code: 'store_failed', message: expect.stringMatching(/deleted, moved or replaced/) };
    await expect(store.register(sample({ version: 'v2' }))).rejects.toMatchObject(refused);
    await expect(store.changeAlias(aliasChange({}))).rejects.toMatchObject(refused);
    await rename(`${path}.away`, path);
    expect((await store.register(sample({ version: 'v2' }))).outcome).toBe('registered');
    await rm(`${path}-wal`);
    await expect(store.register(sample({ version: 'v3' }))).rejects.toMatchObject(refused);
  });

  test('a damaged file is told apart from one in order', async () => {
    const store = openInThread({ path, busyTimeoutMs: 20_000 });
    await registerAll(store, [{}]);
    await store.close();
    const db = new BetterSqlite3(path);
    db.unsafeMode();
    db.pragma('writable_schema = ON');
    db.exec("DELETE FROM sqlite_schema WHERE name = 'aliases'");
    db.close();
    const damaged = toBeClosed(openInThread({ path, busyTimeoutMs: 20_000 }));
    await expect(damaged.aliases(V1.logicalId)).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(path),
    });
  });
});

describe('a full disk', () => {
  test('nothing is changed, and with room again it goes on', async () => {
    const { writer, reader } = openDatabases(path, 5000);
    const store = toBeClosed(
      createSqlStore({
        read: kyselyForReading(reader),
        write: kyselyForWriting(writer, { busyTimeoutMs: 5000, beforeWrite: () => undefined }),
        failure: (error) => failureOf(error, path),
        close: async () => {
          reader.close();
          writer.close();
        },
      }),
    );
    await registerAll(store, [{}]);
    const pages = Number(writer.pragma('page_count', { simple: true }));
    writer.pragma(`max_page_count = ${pages}`);
    const large = sample({ version: 'v2', metadata: JSON.stringify({ s: 'x'.repeat(60_000) }) });
    await expect(store.register(large)).rejects.toMatchObject({
      code: 'store_full',
      found: 'SQLITE_FULL',
      message: expect.stringMatching(/full .*Nothing was changed: make room/),
    });
    expect((await searchAll(store)).versions.length).toBe(1);
    writer.pragma('max_page_count = 1000000');
    expect((await store.register(large)).outcome).toBe('registered');
  });
});

describe('a COMMIT that fails', () => {
  test.each([
    ['SQLITE_IOERR_FSYNC', 'outcome_unknown', /nobody can say whether the change is there/],
    ['SQLITE_FULL', 'store_full', /Nothing was changed/],
  ])('with %s is %s', async (sqliteCode, code, message) => {
    const { writer, reader } = openDatabases(path, 5000);
    // better-sqlite3 cannot be made to fail a COMMIT from outside, so the statement that commits is one that fails
    const failing = new Proxy(writer, {
      get(target, name) {
        if (name === 'prepare') {
          return (sql: string) => {
            if (sql === 'commit') throw new BetterSqlite3.SqliteError('it failed', sqliteCode);
            return target.prepare(sql);
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const store = createSqlStore({
      read: kyselyForReading(reader),
      write: kyselyForWriting(failing, { busyTimeoutMs: 5000, beforeWrite: () => undefined }),
      failure: (error) => failureOf(error, path),
      close: async () => {
        reader.close();
        writer.close();
      },
    });
    await expect(store.register(sample())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await store.find(V1)).toBe(null);
    await store.close();
  });
});

describe('a worker thread that dies', () => {
  test('a change under way has an unknown outcome, everything later fails, and close works', async () => {
    const workerUrl = new URL('../fixtures/dying-worker.mjs', import.meta.url);
    const store = await openSqliteStore({ path, workerUrl });
    expect(await store.find(V1)).toBe(null);
    const [change, read] = await Promise.allSettled([store.register(sample()), store.aliases('a')]);
    expect(change).toMatchObject({
      reason: {
        code: 'outcome_unknown',
        message: expect.stringMatching(/it was told to die.*registering again is safe/),
      },
    });
    expect(read).toMatchObject({ reason: { code: 'store_failed' } });
    const later = { code: 'store_failed', message: expect.stringContaining('Nothing was changed') };
    await expect(store.register(sample())).rejects.toMatchObject(later);
    await expect(store.find(V1)).rejects.toMatchObject(later);
    await store.close();
    await expect(store.find(V1)).rejects.toMatchObject({ code: 'closed' });
  });
});
