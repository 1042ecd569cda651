import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ArtifactStore } from '../../src/artifact-store/artifact-store.ts';
import {
  codeOfRejection,
  inPieces,
  readRefs,
  sampleBlob,
} from '../../src/artifact-store/conformance/samples.ts';
import { createArtifactStore } from '../../src/artifact-store/create-artifact-store.ts';
import { asStoreError } from '../../src/artifact-store/files/failure.ts';
import { MAX_REF_BYTES } from '../../src/artifact-store/object-store.ts';
import { type FilesUnderTest, openFilesUnderTest } from './files-under-test.ts';

const canMakeFifos = spawnSync('mkfifo', ['--version']).error === undefined;
if (!canMakeFifos) console.log('skipped: FIFOs in the place of files (needs mkfifo)');

let files: FilesUnderTest;
let artifacts: ArtifactStore;

beforeEach(async () => {
  files = await openFilesUnderTest();
  artifacts = createArtifactStore(files.store, { maxArtifactBytes: 1e9 });
  const { claim, bytes } = sampleBlob(10);
  const about = { createdAt: '2024-05-06T07:08:09Z', uploadedBy: 'trainer', provenanceSource: 'run' };
  await artifacts.put(ref('1'), { ...about, digest: `sha256:${claim.sha256}`, size: 10 }, inPieces(bytes));
});
afterEach(async () => {
  await artifacts.close();
  await files.dispose();
});

const ref = (version: string) => ({ bucketId: 'b', artifactId: 'a', version });
const pathOf = (name: string) => files.pathOf(`refs/b/a/${name}`);

async function versions(): Promise<string[]> {
  const found: string[] = [];
  for await (const page of (await artifacts.versions('b', 'a')) ?? [])
    found.push(...page.map(({ version }) => version));
  return found.sort();
}

/** The same error from a version and from the listing: a list that lacks it would look complete. */
async function expectDamaged(version: string, reason: string): Promise<void> {
  const expected = {
    code: 'damaged',
    reason,
    message: expect.stringContaining(`The metadata of version "${version}" of b/a is damaged (${reason}): `),
  };
  await expect(artifacts.stat(ref(version))).rejects.toMatchObject(expected);
  await expect(versions()).rejects.toMatchObject(expected);
}

describe('what is in the place of a ref', () => {
  test('a copy of another ref is not served under its name', async () => {
    copyFileSync(pathOf('1.json'), pathOf('copied.json'));
    await expectDamaged('copied', 'metadata of another artifact');
    expect((await artifacts.stat(ref('1')))?.version).toBe('1');
  });

  test.each([
    ['an empty file', '', 'unreadable metadata'],
    ['a file that is too large', 'x'.repeat(MAX_REF_BYTES + 1), 'too large'],
  ])('%s', async (_, content, reason) => {
    writeFileSync(pathOf('odd.json'), content);
    await expectDamaged('odd', reason);
  });

  test('a folder', async () => {
    mkdirSync(pathOf('odd.json'));
    await expectDamaged('odd', 'not a file');
  });

  (canMakeFifos ? test : test.skip)('FIFOs, as many as there are threads: nobody hangs', async () => {
    for (let number = 0; number < 8; number += 1) spawnSync('mkfifo', [pathOf(`fifo${number}.json`)]);
    const reading = Array.from({ length: 8 }, (__, number) => artifacts.stat(ref(`fifo${number}`)));
    expect(await Promise.all(reading.map(codeOfRejection))).toEqual(Array(8).fill('damaged'));
    expect(await codeOfRejection(versions())).toBe('damaged');
    const blob = sampleBlob(10);
    mkdirSync(files.pathOf(blob.key.slice(0, -65)), { recursive: true });
    spawnSync('mkfifo', [files.pathOf(blob.key)]);
    expect(await codeOfRejection(files.store.get(blob.key))).toBe('damaged');
  });

  test('a symbolic link to one is listed, as it is served', async () => {
    renameSync(pathOf('1.json'), join(files.folder, 'elsewhere.json'));
    symlinkSync(join(files.folder, 'elsewhere.json'), pathOf('1.json'));
    expect((await artifacts.stat(ref('1')))?.version).toBe('1');
    expect(await versions()).toEqual(['1']);
  });

  test('names that no ref can have, UTF-8 or not, are passed over', async () => {
    for (const name of ['notes.txt', '.json', 'a:b.json', 'ü.json']) writeFileSync(pathOf(name), '');
    writeFileSync(Buffer.concat([Buffer.from(pathOf('')), Buffer.of(0x76, 0xff), Buffer.from('.json')]), '');
    expect(await versions()).toEqual(['1']);
    const listed = [];
    for await (const page of files.store.list('refs/')) listed.push(...page);
    expect(listed.map(({ key }) => key)).toEqual(['refs/b/a/1.json']);
  });

  test('one that goes while a listing is read is passed over', async () => {
    for (let number = 0; number < 1200; number += 1) writeFileSync(pathOf(`v${number}.json`), '{}');
    let isFirst = true;
    let found = 0;
    for await (const page of files.store.listRefs('refs/b/a/')) {
      if (isFirst) for (let number = 0; number < 1200; number += 1) unlinkSync(pathOf(`v${number}.json`));
      isFirst = false;
      found += page.length;
    }
    expect(found).toBeLessThan(1201);
    expect([...(await readRefs(files.store, 'refs/b/a/')).contents.keys()]).toEqual(['refs/b/a/1.json']);
  });
});

test('errors name no path of the server; their cause does', () => {
  for (const code of ['EACCES', 'ENOSPC', 'EMFILE', 'ENOENT', 'EIO']) {
    const error = Object.assign(new Error(`${code}: words, link '/srv/data/tmp/x' -> '/srv/data/refs/y'`), {
      code,
    });
    const { message, reason, cause } = asStoreError(error, 'an upload');
    expect(`${message} ${reason}`).not.toContain('/srv');
    expect(reason).toBe(`${code}: words, link`);
    expect(cause).toBe(error);
  }
});
