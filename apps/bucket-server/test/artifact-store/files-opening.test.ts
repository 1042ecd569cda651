import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { put, read, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { openFileObjectStore } from '../../src/artifact-store/files/open.ts';
import { refKey } from '../../src/artifact-store/keys.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

let folder: string;
let remove: () => Promise<void>;
let artifacts: string;

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
  artifacts = join(folder, 'data', 'artifacts');
});
afterEach(() => remove());

const open = () => openFileObjectStore({ folder: join(folder, 'data') });

describe('opening', () => {
  test('makes the folders for this user alone, with the version of the layout', async () => {
    const store = await open();
    await put(store, sampleBlob(100));
    await store.createRef(refKey({ bucketId: 'b', artifactId: 'a', version: '1' }), Buffer.from('{}'));
    await store.close();
    expect(readFileSync(join(artifacts, 'layout-version'), 'utf8')).toBe('1\n');
    expect(readdirSync(artifacts).sort()).toEqual(['blobs', 'bucket.lock', 'layout-version', 'refs', 'tmp']);
    for (const path of ['', 'tmp', 'blobs', 'blobs/sha256', 'refs', 'refs/b', 'refs/b/a']) {
      expect(statSync(join(artifacts, path)).mode & 0o777).toBe(0o700);
    }
    expect(statSync(join(artifacts, 'refs/b/a/1.json')).mode & 0o777).toBe(0o600);
  });

  test('the check of the file system leaves nothing behind, and takes what a crash has left', async () => {
    await (await open()).close();
    const probe = `~probe-${'a'.repeat(248)}`;
    for (const place of ['tmp', 'refs', 'blobs/sha256']) writeFileSync(join(artifacts, place, probe), '');
    await (await open()).close();
    for (const place of ['tmp', 'refs', 'blobs/sha256'])
      expect(readdirSync(join(artifacts, place))).toEqual([]);
  });

  test('removes temporary files of processes that are gone, and no other files', async () => {
    await (await open()).close();
    const temp = '0123abcd-01234567-0123-0123-0123-0123456789ab';
    writeFileSync(join(artifacts, 'tmp', temp), 'half');
    writeFileSync(join(artifacts, 'tmp', 'notes.txt'), 'somebody else');
    const folderInTmp = temp.replace(/^0/, '1');
    mkdirSync(join(artifacts, 'tmp', folderInTmp));
    await (await open()).close();
    expect(readdirSync(join(artifacts, 'tmp'))).toEqual([folderInTmp, 'notes.txt']);
  });

  test('what a Bucket that was killed has stored is there', async () => {
    const blob = sampleBlob(60_000);
    const killed = spawn(
      process.execPath,
      [fileURLToPath(new URL('../fixtures/store-and-wait.mjs', import.meta.url))],
      {
        env: { FOLDER: join(folder, 'data'), BYTES: blob.bytes.toString('base64'), KEY: blob.key },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await new Promise((resolve) => killed.stdout.once('data', resolve));
    killed.kill('SIGKILL');
    const store = await open();
    expect((await read(store, blob.key))?.equals(blob.bytes)).toBe(true);
    await store.close();
    expect(readdirSync(join(artifacts, 'tmp'))).toEqual([]);
  });
});

describe('a folder that cannot be used', () => {
  test('another process works in it', async () => {
    const store = await open();
    await expect(open()).rejects.toMatchObject({ name: 'ObjectStoreOpenError', code: 'locked' });
    await store.close();
    await (await open()).close();
  });

  test('a layout version without refs or without blobs: nothing is stored over what was there', async () => {
    for (const lost of ['refs', 'blobs', 'blobs/sha256']) {
      const store = await open();
      await put(store, sampleBlob(100));
      await store.close();
      renameSync(join(artifacts, lost), join(folder, 'elsewhere'));
      await expect(open()).rejects.toMatchObject({
        code: 'unusable',
        message: expect.stringMatching(/a layout-version and no (refs|blobs\/sha256): .* Bring it back/),
      });
      expect(existsSync(join(artifacts, lost))).toBe(false);
      renameSync(join(folder, 'elsewhere'), join(artifacts, lost));
    }
    await (await open()).close();
  });

  test('a newer layout', async () => {
    await (await open()).close();
    writeFileSync(join(artifacts, 'layout-version'), '2\n');
    await expect(open()).rejects.toMatchObject({
      code: 'newer_layout',
      message: expect.stringContaining('layout 2, which a newer Bucket has written'),
    });
  });

  test('a layout version that is none', async () => {
    await (await open()).close();
    for (const text of ['', 'one\n', '0\n', '1']) {
      writeFileSync(join(artifacts, 'layout-version'), text);
      await expect(open()).rejects.toMatchObject({ code: 'foreign' });
    }
  });

  test('refs without a layout version', async () => {
    const store = await open();
    await store.createRef(refKey({ bucketId: 'b', artifactId: 'a', version: '1' }), Buffer.from('{}'));
    await store.close();
    await rm(join(artifacts, 'layout-version'));
    await expect(open()).rejects.toMatchObject({ code: 'foreign' });
  });

  test('blobs on another file system', async () => {
    const other = '/dev/shm';
    if (!existsSync(other) || statSync(other).dev === statSync(folder).dev) {
      console.log('skipped: blobs on another file system (needs /dev/shm, and temporary files elsewhere)');
      return;
    }
    const elsewhere = join(other, `bucket-test-${process.pid}`);
    mkdirSync(elsewhere);
    try {
      mkdirSync(artifacts, { recursive: true });
      symlinkSync(elsewhere, join(artifacts, 'refs'));
      await expect(open()).rejects.toMatchObject({
        code: 'unusable',
        message: expect.stringMatching(/must be on one file system.*Point BUCKET_DATA_DIR at/),
      });
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  test('a file where the folder should be', async () => {
    mkdirSync(join(folder, 'data'));
    writeFileSync(artifacts, '');
    await expect(open()).rejects.toMatchObject({ code: 'unusable' });
  });

  test('after a failed start nothing is held', async () => {
    await (await open()).close();
    writeFileSync(join(artifacts, 'layout-version'), '2\n');
    await expect(open()).rejects.toMatchObject({ code: 'newer_layout' });
    writeFileSync(join(artifacts, 'layout-version'), '1\n');
    await (await open()).close();
  });
});
