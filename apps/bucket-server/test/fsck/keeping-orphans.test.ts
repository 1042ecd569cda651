import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { put, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { fsckCommand } from '../../src/fsck/command.ts';
import { entriesOf } from '../../src/fsck/walk.ts';
import { type FilesUnderTest, openFilesUnderTest } from '../artifact-store/files-under-test.ts';

let files: FilesUnderTest;
const blob = sampleBlob(1000);
const orphan = sampleBlob(500);

beforeEach(async () => {
  files = await openFilesUnderTest();
  await put(files.store, blob);
  await put(files.store, orphan);
  for (const bucketId of ['b', 'other'])
    await files.store.createRef(`refs/${bucketId}/a/1.json`, metadata(bucketId));
  await files.store.close();
});
afterEach(() => files.dispose());

function metadata(bucketId: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      bucket_id: bucketId,
      artifact_id: 'a',
      version: '1',
      digest: `sha256:${blob.claim.sha256}`,
      size_bytes: 1000,
      created_at: '2024-05-06T07:08:09Z',
      uploaded_by: 'trainer',
      provenance_source: 'run',
    }),
  );
}

async function removeOrphans(folder = files.folder) {
  let stdout = '';
  let stderr = '';
  const status = await fsckCommand({
    args: ['--remove-orphans'],
    env: { BUCKET_DATA_DIR: folder },
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  const left = [blob, orphan].filter(({ key }) =>
    readdirSync(files.pathOf(key.slice(0, -65))).includes(key.slice(-64)),
  );
  return { status, stdout, stderr, left: left.length };
}

const move = (key: string) => renameSync(files.pathOf(key), join(files.folder, 'elsewhere'));

describe('orphans are kept where an artifact may be unknown', () => {
  test('all refs are known: the orphan goes, and nothing else', async () => {
    expect(await removeOrphans()).toMatchObject({ status: 0, left: 1 });
  });

  test('refs is not there: it cannot run', async () => {
    move('refs');
    expect(await removeOrphans()).toMatchObject({
      status: 2,
      left: 2,
      stderr: expect.stringContaining('a layout-version and no refs'),
    });
  });

  test('refs is empty', async () => {
    move('refs');
    mkdirSync(files.pathOf('refs'));
    expect(await removeOrphans()).toMatchObject({
      status: 2,
      left: 2,
      stdout: expect.stringContaining('No orphan was removed: no artifact was found at all'),
    });
  });

  test.each([
    ['a bucket', 'refs/b'],
    ['an artifact', 'refs/b/a'],
    ['a ref', 'refs/b/a/1.json'],
  ])('%s is a symbolic link', async (_, key) => {
    move(key);
    symlinkSync(join(files.folder, 'elsewhere'), files.pathOf(key));
    expect(await removeOrphans()).toMatchObject({
      status: 2,
      left: 2,
      stdout: expect.stringContaining(`No orphan was removed: artifacts/${key} is in the place of metadata`),
    });
  });

  test('something that is no name of an artifact, with a ref in it', async () => {
    const name = Buffer.concat([Buffer.from(files.pathOf('refs/')), Buffer.of(0xff)]);
    mkdirSync(name);
    copyFileSync(files.pathOf('refs/b/a/1.json'), Buffer.concat([name, Buffer.from('/1.json')]));
    expect(await removeOrphans()).toMatchObject({ status: 2, left: 2 });
  });

  test('a damaged blob that may be of an unknown artifact is damage', async () => {
    await files.rot(orphan.key, 'flipped');
    writeFileSync(files.pathOf('refs/x'), '');
    expect(await removeOrphans()).toMatchObject({
      status: 1,
      left: 2,
      stdout: expect.stringContaining(`damaged_blob artifacts/${orphan.key}`),
    });
  });
});

describe('what cannot be read is named', () => {
  test('a folder', () => {
    const path = files.pathOf('layout-version');
    expect(() => [...entriesOf(path)]).toThrow(`The folder ${path} cannot be read (ENOTDIR). `);
  });

  test('a data folder that nobody can look into is not called empty', async () => {
    const inFile = join(files.pathOf('layout-version'), 'x');
    const { status, stderr } = await removeOrphans(inFile);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`${inFile}/artifacts cannot be looked at (ENOTDIR)`),
    ]);
  });

  test('a bad ref, with one remedy', async () => {
    copyFileSync(files.pathOf('refs/b/a/1.json'), files.pathOf('refs/b/a/copy.json'));
    rmSync(files.pathOf(orphan.key));
    const { stdout } = await removeOrphans();
    expect(stdout).toContain(
      'bad_ref artifacts/refs/b/a/copy.json: It cannot be used (metadata of another artifact). Bring the file back from a copy.\n',
    );
  });
});
