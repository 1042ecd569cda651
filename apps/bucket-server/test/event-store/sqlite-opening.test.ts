import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { sampleEvent } from '../../src/event-store/conformance/samples.ts';
import { openSqliteEventStore } from '../../src/event-store/sqlite/open.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../src/event-store/sqlite/schema.ts';
import { execute, otherProgram } from '../helpers/sqlite-under-test.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
});
afterEach(() => remove());

describe('opening the embedded event store', () => {
  test('a missing folder is created for this user alone, with those above it', async () => {
    const inner = join(folder, 'a', 'b');
    const store = await openSqliteEventStore({ folder: inner });
    await store.close();
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700);
  });

  test('the file says what it is: application id, schema version, write-ahead log', async () => {
    const store = await openSqliteEventStore({ folder });
    const other = otherProgram(folder);
    expect(other.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(other.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal');
    other.close();
    await store.close();
  });

  test('a file that a newer program wrote is refused and left alone', async () => {
    await (await openSqliteEventStore({ folder })).close();
    execute(folder, `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    const before = await readFile(join(folder, 'events.db'));
    await expect(openSqliteEventStore({ folder })).rejects.toMatchObject({
      name: 'EventStoreOpenError',
      code: 'newer_schema',
      message: expect.stringMatching(/schema version 2 .* up to 1.*a newer bucket-server wrote it/),
    });
    expect(await readFile(join(folder, 'events.db'))).toEqual(before);
  });

  test("somebody else's SQLite database is refused", async () => {
    execute(folder, 'CREATE TABLE theirs (x)');
    await expect(openSqliteEventStore({ folder })).rejects.toMatchObject({
      code: 'foreign',
      message: expect.stringContaining(join(folder, 'events.db')),
    });
  });

  test('a file that is no database is refused', async () => {
    await writeFile(join(folder, 'events.db'), 'a letter to somebody\n'.repeat(100));
    await expect(openSqliteEventStore({ folder })).rejects.toMatchObject({ code: 'foreign' });
  });

  test('a folder that cannot be created is named', async () => {
    await writeFile(join(folder, 'file'), '');
    const inside = join(folder, 'file', 'data');
    await expect(openSqliteEventStore({ folder: inside })).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringContaining(`${inside} cannot be created`),
    });
  });

  test('a folder whose database cannot be opened is named', async () => {
    await mkdir(join(folder, 'events.db'));
    await expect(openSqliteEventStore({ folder })).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringContaining(join(folder, 'events.db')),
    });
  });

  test('a folder whose lock cannot be opened is named', async () => {
    await mkdir(join(folder, 'bucket.lock'));
    await expect(openSqliteEventStore({ folder })).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringContaining(`${folder} cannot be locked`),
    });
  });

  test('a second store on the same folder is refused until the first is closed', async () => {
    const first = await openSqliteEventStore({ folder });
    await expect(openSqliteEventStore({ folder })).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining(`Another Bucket works in the data folder ${folder}`),
    });
    await first.append(sampleEvent()); // the first one has not been disturbed
    await first.close();
    await (await openSqliteEventStore({ folder })).close();
  });

  test('a failed start lets the folder go', async () => {
    await writeFile(join(folder, 'events.db'), 'not a database, but as long as a header would be'.repeat(10));
    await expect(openSqliteEventStore({ folder })).rejects.toMatchObject({ code: 'foreign' });
    await writeFile(join(folder, 'events.db'), '');
    await (await openSqliteEventStore({ folder })).close();
  });

  test('people can read it while it runs', async () => {
    const store = await openSqliteEventStore({ folder });
    await store.append(sampleEvent({ text: '{"event_type":"heartbeat","n":1.0}' }));
    const people = new BetterSqlite3(join(folder, 'events.db'), { readonly: true });
    expect(people.prepare('SELECT agent_id, event_type, event_data FROM readable_events').all()).toEqual([
      {
        agent_id: 'text_summarizer',
        event_type: 'heartbeat',
        event_data: '{"event_type":"heartbeat","n":1.0}',
      },
    ]);
    await store.append(sampleEvent());
    people.close();
    await store.close();
  });

  const asRoot = process.getuid?.() === 0;
  if (asRoot) console.log('skipped: a folder without the right to write (root may write everywhere)');
  (asRoot ? test.skip : test)('a folder without the right to write is named', async () => {
    await chmod(folder, 0o500);
    await expect(openSqliteEventStore({ folder })).rejects.toMatchObject({ code: 'unusable' });
    await chmod(folder, 0o700);
  });
});
