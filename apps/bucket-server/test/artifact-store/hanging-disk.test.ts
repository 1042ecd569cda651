import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { codeOfRejection, put, read, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { Lanes } from '../../src/artifact-store/files/lanes.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { type FilesUnderTest, openFilesUnderTest } from './files-under-test.ts';

let files: FilesUnderTest;

beforeEach(async () => {
  files = await openFilesUnderTest();
});
afterEach(() => files.dispose());

const canHang = spawnSync('mkfifo', ['--version']).error === undefined;
if (!canHang) console.log('skipped: file systems that hang (needs mkfifo)');

/** A path that whoever opens it for reading hangs on. */
function hangingPath(folder: string): string {
  const path = join(folder, 'hanging');
  spawnSync('mkfifo', [path]);
  return path;
}

/** Lets go whoever hangs on the path, until all of them have ended. */
async function release(path: string, ending: Promise<unknown>): Promise<void> {
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    await ending;
  } finally {
    closeSync(descriptor);
  }
}

describe('a disk that hangs', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let lanes: Lanes;

  beforeEach(async () => {
    ({ folder, remove } = await tempFolder());
    lanes = new Lanes((error) => {
      throw error;
    });
  });
  afterEach(async () => {
    await lanes.close();
    await remove();
  });

  (canHang ? test : test.skip)('in some lanes: the others work, and more are started', async () => {
    const path = hangingPath(folder);
    const hanging = Array.from({ length: 6 }, () => codeOfRejection(lanes.run('syncFolder', path)));
    await lanes.run('syncFolder', folder);
    expect(await lanes.run('makeFolder', join(folder, 'new'))).toBe(true);
    await release(path, Promise.all(hanging));
    // It is no folder, and cannot be fsynced.
    expect(await Promise.all(hanging)).toEqual(Array(6).fill('EINVAL'));
  });

  (canHang ? test : test.skip)('background work, however much, leaves lanes for the rest', async () => {
    const path = hangingPath(folder);
    const hanging = Array.from({ length: 20 }, () =>
      codeOfRejection(lanes.runInBackground('syncFolder', path)),
    );
    for (let count = 0; count < 10; count += 1) await lanes.run('syncFolder', folder);
    await release(path, Promise.all(hanging));
    expect(await Promise.all(hanging)).toEqual(Array(20).fill('EINVAL'));
  });

  test('after close, what comes is refused', async () => {
    await lanes.close();
    expect(await codeOfRejection(lanes.run('syncFolder', folder))).toBe('closed');
  });
});

describe('a folder that was moved away under a running Bucket', () => {
  test('uploads fail, health says so; brought back, everything goes on', async () => {
    const { store, folder } = files;
    const first = sampleBlob(200_000);
    await put(store, first);
    const here = join(folder, 'artifacts');
    await rename(here, join(folder, 'elsewhere'));
    expect(await codeOfRejection(put(store, sampleBlob(100)))).toBe('unavailable');
    expect(await codeOfRejection(put(store, sampleBlob(2_000_000)))).toBe('unavailable');
    expect(await store.health()).toBe('unavailable');
    expect(await codeOfRejection(store.stat(first.key))).toBe('unavailable');
    await rename(join(folder, 'elsewhere'), here);
    expect(await store.health()).toBe('healthy');
    const second = sampleBlob(2_000_000);
    await put(store, second);
    expect((await read(store, second.key))?.equals(second.bytes)).toBe(true);
    expect(await files.leftBehind()).toEqual([]);
  });

  test('a folder of blobs that was removed is made again', async () => {
    const blob = sampleBlob(100);
    await put(files.store, blob);
    await rm(files.pathOf(blob.key.slice(0, -65)), { recursive: true });
    expect(await codeOfRejection(put(files.store, blob))).toBe('unavailable');
    await put(files.store, blob);
    expect((await read(files.store, blob.key))?.equals(blob.bytes)).toBe(true);
  });

  test('a folder in the place of a blob is damage, not an absence', async () => {
    const blob = sampleBlob(100);
    await put(files.store, blob);
    await rm(files.pathOf(blob.key));
    mkdirSync(files.pathOf(blob.key));
    expect(await codeOfRejection(files.store.get(blob.key))).toBe('damaged');
  });
});

const [MOUNT, ...MOUNT_ARGUMENTS] = ['mount', '-t', 'tmpfs', '-o', 'size=4m', 'tmpfs'] as const;

describe('a full disk', () => {
  test('disk_full, nothing is left, health says so, and with room everything goes on', async () => {
    const { folder, remove } = await tempFolder();
    if (spawnSync(MOUNT, [...MOUNT_ARGUMENTS, folder]).status !== 0) {
      console.log('skipped: a full disk (this user may not mount one)');
      return remove();
    }
    const { openFileObjectStore } = await import('../../src/artifact-store/files/open.ts');
    const store = await openFileObjectStore({ folder });
    try {
      const fits = sampleBlob(2_500_000);
      await put(store, fits);
      expect(await codeOfRejection(put(store, sampleBlob(2_500_000)))).toBe('disk_full');
      const filler = join(folder, 'filler');
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=4096']);
      expect(await codeOfRejection(put(store, sampleBlob(50_000)))).toBe('disk_full');
      expect(await store.health()).toBe('disk_full');
      expect((await read(store, fits.key))?.equals(fits.bytes)).toBe(true);
      await rm(filler);
      expect(await store.health()).toBe('healthy');
      await put(store, sampleBlob(50_000));
    } finally {
      await store.close();
      spawnSync('umount', [folder]);
      await remove();
    }
  });
});
