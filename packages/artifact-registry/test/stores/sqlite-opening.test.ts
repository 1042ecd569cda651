import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { sample } from '../../src/conformance/samples.ts';
import { openInThread } from '../../src/stores/sqlite/in-thread.ts';
import { APPLICATION_ID, SCHEMA_VERSION } from '../../src/stores/sqlite/migrations.ts';
import { openSqliteStore } from '../../src/stores/sqlite/open.ts';
import { tempFolder } from '../helpers/stores.ts';

let folder: string;
let path: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
  path = join(folder, 'registry.db');
});
afterEach(() => remove());

function execute(sql: string): void {
  const db = new BetterSqlite3(path);
  db.exec(sql);
  db.close();
}

const opening = async (busyTimeoutMs = 20_000) => openInThread({ path, busyTimeoutMs });

describe('opening a registry in a SQLite file', () => {
  test('folders that are missing are created for this user alone', async () => {
    const inner = join(folder, 'a', 'b');
    path = join(inner, 'r.db');
    await (await opening()).close();
    await (await openSqliteStore({ path: pathToFileURL(path) })).close();
    expect((await stat(inner)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700);
    expect((await stat(path)).isFile()).toBe(true);
  });

  test('the file says what it is: application id, schema version, write-ahead log', async () => {
    await (await opening()).close();
    const db = new BetterSqlite3(path);
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    db.close();
  });

  test('an empty file becomes a registry', async () => {
    await writeFile(path, '');
    const store = await opening();
    expect((await store.register(sample())).outcome).toBe('registered');
    await store.close();
  });

  test('a file that a newer program wrote is refused and left alone', async () => {
    await (await opening()).close();
    execute(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    const before = await readFile(path);
    const refused = {
      name: 'RegistryOpenError',
      code: 'newer_schema',
      expected: SCHEMA_VERSION,
      found: SCHEMA_VERSION + 1,
      message: expect.stringMatching(
        /schema version 2 .* up to 1.*a newer @bhiv\/artifact-registry wrote it/,
      ),
    };
    await expect(opening()).rejects.toMatchObject(refused);
    await expect(openSqliteStore({ path })).rejects.toMatchObject(refused);
    expect(await readFile(path)).toEqual(before);
  });

  test("somebody else's SQLite database is refused and left alone", async () => {
    execute('CREATE TABLE theirs (x)');
    const before = await readFile(path);
    await expect(opening()).rejects.toMatchObject({
      code: 'foreign',
      message: expect.stringContaining(path),
    });
    expect(await readFile(path)).toEqual(before);
  });

  test.each([
    ['an application id', 'PRAGMA application_id = 7'],
    ['a version', 'PRAGMA user_version = 1'],
  ])('an empty database with %s of its own is somebody else’s', async (_, sql) => {
    execute(sql);
    await expect(opening()).rejects.toMatchObject({ code: 'foreign' });
  });

  test('a file that is no database is refused', async () => {
    await writeFile(path, 'a letter to somebody\n'.repeat(100));
    await expect(opening()).rejects.toMatchObject({ code: 'foreign', found: 'SQLITE_NOTADB' });
  });

  test('what cannot be a file is named', async () => {
    await mkdir(path);
    await expect(opening()).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringContaining(path),
    });
    const inside = join(path, 'file', 'r.db');
    await writeFile(join(path, 'file'), '');
    path = inside;
    await expect(opening()).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringContaining(inside),
    });
  });

  test.each(['', ':memory:', 'a\0b', 7, undefined])('%p is no path', async (bad) => {
    // what a program without types may hand in
    await expect(openSqliteStore({ path: bad as string })).rejects.toMatchObject({
      name: 'RegistryOpenError',
      message: expect.stringContaining('memoryStore()'),
    });
  });

  test.each([-1, Number.NaN, '5', 2 ** 40])('busyTimeoutMs %p is refused', async (bad) => {
    // what a program without types may hand in
    await expect(openSqliteStore({ path, busyTimeoutMs: bad as number })).rejects.toMatchObject({
      message: expect.stringContaining('busyTimeoutMs'),
    });
  });

  test('a file that another program keeps locked is waited for, and then given up', async () => {
    const other = new BetterSqlite3(path);
    other.exec('BEGIN EXCLUSIVE');
    await expect(opening(50)).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining(`${path} is locked by another program`),
    });
    await expect(openSqliteStore({ path, busyTimeoutMs: 50 })).rejects.toMatchObject({ code: 'busy' });
    const waiting = openSqliteStore({ path });
    setTimeout(() => other.close(), 200);
    await (await waiting).close();
  });

  test('a worker thread that cannot start is named', async () => {
    const workerUrl = pathToFileURL(join(folder, 'none.js'));
    await expect(openSqliteStore({ path, workerUrl })).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringContaining('workerUrl'),
    });
  });
});
