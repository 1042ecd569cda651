import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  codeOfRejection,
  put,
  read,
  readList,
  readRefs,
  sampleBlob,
} from '../../src/artifact-store/conformance/samples.ts';
import { type FilesUnderTest, openFilesUnderTest } from './files-under-test.ts';

const REF = 'refs/b/a/1.json';
const OTHER = 'refs/b/a/2.json';

let files: FilesUnderTest;
const blob = sampleBlob(1000);

beforeEach(async () => {
  files = await openFilesUnderTest();
  await put(files.store, blob);
  await files.store.createRef(REF, Buffer.from('{}'));
});
afterEach(() => files.dispose());

/** What each way of reading refs says: an error code, or what it gave. */
async function readings(): Promise<unknown[]> {
  const { store } = files;
  const ways = [
    () => store.readRef(REF),
    () => store.readRef(OTHER),
    () => store.stat(REF),
    () => store.get(REF),
    () => readRefs(store, 'refs/b/a/'),
    () => readList(store, 'refs/b/'),
  ];
  return Promise.all(ways.map((way) => codeOfRejection(way())));
}

const ALL_UNAVAILABLE = Array(6).fill('unavailable');

describe('folders that were moved away under a running Bucket', () => {
  test.each([
    ['the folder of artifacts', 'artifacts', false],
    ['the folder of artifacts, and an empty one is put there', 'artifacts', true],
    ['refs', 'artifacts/refs', false],
    ['refs, and an empty one is put there', 'artifacts/refs', true],
  ])(
    '%s: nothing is said to be not there, health tells at once, and back it goes on',
    async (_, name, isReplaced) => {
      expect(await files.store.health()).toBe('healthy');
      const [here, elsewhere] = [join(files.folder, name), join(files.folder, 'elsewhere')];
      renameSync(here, elsewhere);
      if (isReplaced) mkdirSync(here);
      expect(await readings()).toEqual(ALL_UNAVAILABLE);
      expect(await files.store.health()).toBe('unavailable');
      if (isReplaced) renameSync(here, join(files.folder, 'empty'));
      renameSync(elsewhere, here);
      expect(await files.store.health()).toBe('healthy');
      expect(Buffer.from((await files.store.readRef(REF)) ?? [])).toEqual(Buffer.from('{}'));
      expect(await files.store.readRef(OTHER)).toBe(null);
    },
  );

  test('that of a bucket', async () => {
    const [here, elsewhere] = [files.pathOf('refs/b'), join(files.folder, 'elsewhere')];
    renameSync(here, elsewhere);
    expect(await readings()).toEqual(ALL_UNAVAILABLE);
    await expect(files.store.readRef(REF)).rejects.toMatchObject({
      message: expect.stringContaining('The folder refs/b/a of the artifact store is not there any more'),
    });
    expect(await files.store.readRef('refs/never/there/1.json')).toBe(null);
    renameSync(elsewhere, here);
    expect(await files.store.readRef(REF)).not.toBe(null);
  });

  test('blobs: bytes that are gone with it are not called missing', async () => {
    renameSync(files.pathOf('blobs/sha256'), join(files.folder, 'elsewhere'));
    expect(await codeOfRejection(files.store.get(blob.key))).toBe('unavailable');
    expect(await codeOfRejection(files.store.stat(blob.key))).toBe('unavailable');
    expect(await files.store.health()).toBe('unavailable');
    renameSync(join(files.folder, 'elsewhere'), files.pathOf('blobs/sha256'));
    expect((await read(files.store, blob.key))?.equals(blob.bytes)).toBe(true);
  });
});
