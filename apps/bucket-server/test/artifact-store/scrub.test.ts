import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inPieces, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { createArtifactStore } from '../../src/artifact-store/create-artifact-store.ts';
import { blobKey } from '../../src/artifact-store/keys.ts';
import type { Damage } from '../../src/artifact-store/scrub/check-object.ts';
import { type ScrubPass, startScrub } from '../../src/artifact-store/scrub/scrub.ts';
import { Throttle } from '../../src/artifact-store/scrub/throttle.ts';
import { type FilesUnderTest, flipByte, openFilesUnderTest } from './files-under-test.ts';

let files: FilesUnderTest;
let stateFile: string;

beforeEach(async () => {
  files = await openFilesUnderTest();
  stateFile = join(files.folder, 'scrub.json');
});
afterEach(() => files.dispose());

/** Stores an artifact and returns the key of its bytes. */
async function store(version: string, size: number): Promise<string> {
  const blob = sampleBlob(size);
  const artifacts = createArtifactStore(files.store, { maxArtifactBytes: 1e9 });
  const claim = {
    digest: `sha256:${blob.claim.sha256}`,
    size,
    createdAt: '2024-05-06T07:08:09Z',
    uploadedBy: 'trainer',
    provenanceSource: 'run',
  };
  await artifacts.put({ bucketId: 'b', artifactId: 'a', version }, claim, inPieces(blob.bytes));
  return blobKey(blob.claim.sha256);
}

/** Runs the scrub until it has come to the end of a pass. */
async function onePass() {
  const damages: Damage[] = [];
  const pass = await new Promise<ScrubPass>((resolve, reject) => {
    const scrub = startScrub({
      objects: files.store,
      everyDays: 1,
      bytesPerSecond: 1e9,
      stateFile,
      onDamage: (damage) => damages.push(damage),
      onPass: (found) => void scrub.stop().then(() => resolve(found)),
      onError: reject,
    });
  });
  return { pass, damages };
}

describe('the scrub', () => {
  test('reads everything and tells of every damage once', async () => {
    const keys = [];
    for (const [index, size] of [0, 100, 300_000, 1_000_000, 5000].entries()) {
      keys.push(await store(`v${index}`, size));
    }
    const [, flipped = '', truncated = '', missing = ''] = keys;
    flipByte(files.pathOf(flipped), 50);
    await files.rot(truncated, 'truncated');
    await files.rot(missing, 'missing');
    writeFileSync(files.pathOf('refs/b/a/odd.json'), 'not metadata');
    const { pass, damages } = await onePass();
    expect(pass).toMatchObject({ blobs: 4, artifacts: 6 });
    expect(damages.map(({ kind, key }) => `${kind} ${key}`).sort()).toEqual(
      [
        `damaged_blob ${flipped}`,
        `damaged_blob ${truncated}`,
        'missing_blob refs/b/a/v3.json',
        'wrong_size refs/b/a/v2.json',
        'bad_ref refs/b/a/odd.json',
      ].sort(),
    );
  });

  test('after a pass it waits for its day, also in a process that starts anew', async () => {
    await store('1', 100);
    await onePass();
    const state = JSON.parse(readFileSync(stateFile, 'utf8'));
    expect(state.step).toBe(257);
    let passes = 0;
    const scrub = startScrub({
      objects: files.store,
      everyDays: 1,
      bytesPerSecond: 1e9,
      stateFile,
      onDamage: () => undefined,
      onPass: () => {
        passes += 1;
      },
      onError: (error) => {
        throw error;
      },
    });
    await delay(100);
    await scrub.stop();
    expect(passes).toBe(0);
    // A pass that began more than a day ago is followed by the next one.
    writeFileSync(stateFile, JSON.stringify({ ...state, passStartedAt: Date.now() - 2 * 86_400_000 }));
    expect((await onePass()).pass.blobs).toBe(1);
  });

  test('goes on where it was', async () => {
    const key = await store('1', 100);
    const step = Number.parseInt(key.slice('blobs/sha256/'.length, 'blobs/sha256/'.length + 2), 16) + 1;
    writeFileSync(stateFile, JSON.stringify({ passStartedAt: Date.now(), step }));
    expect((await onePass()).pass).toMatchObject({ blobs: 0, artifacts: 1 });
  });

  test('a state that makes no sense means: from the beginning', async () => {
    await store('1', 100);
    for (const text of [
      '',
      '{}',
      '{"passStartedAt":9e99,"step":3}',
      '[1]',
      '{"passStartedAt":1,"step":-1}',
    ]) {
      writeFileSync(stateFile, text);
      expect((await onePass()).pass.blobs).toBe(1);
    }
  });

  test('stops in the middle', async () => {
    await store('1', 3_000_000);
    const scrub = startScrub({
      objects: files.store,
      everyDays: 1,
      bytesPerSecond: 100_000,
      stateFile,
      onDamage: () => undefined,
      onPass: () => {
        throw new Error('that cannot have been all');
      },
      onError: (error) => {
        throw error;
      },
    });
    await delay(200);
    const stopped = performance.now();
    await scrub.stop();
    expect(performance.now() - stopped).toBeLessThan(2000);
  });

  test('an error is told, and it stops nevertheless', async () => {
    await store('1', 100);
    const told = await new Promise((resolve) => {
      const scrub = startScrub({
        objects: files.store,
        everyDays: 1,
        bytesPerSecond: 1e9,
        stateFile: join(files.folder, 'no', 'such', 'folder'),
        onDamage: () => undefined,
        onError: (error) => void scrub.stop().then(() => resolve(error)),
      });
    });
    expect(told).toMatchObject({ code: 'ENOENT' });
  });
});

describe('Throttle', () => {
  test('holds to its rate', async () => {
    const throttle = new Throttle(1_000_000, new AbortController().signal);
    const started = performance.now();
    for (let count = 0; count < 20; count += 1) await throttle.spend(20_000);
    // 400,000 bytes are worth 400 ms, of which 100 may have been saved up.
    expect(performance.now() - started).toBeGreaterThan(250);
  });
});
