import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ArtifactRef, ArtifactStore, OpenedArtifact } from '../../src/artifact-store/artifact-store.ts';
import { codeOfRejection, inPieces, put, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { createArtifactStore } from '../../src/artifact-store/create-artifact-store.ts';
import { blobKey, refKey } from '../../src/artifact-store/keys.ts';
import { type FilesUnderTest, openFilesUnderTest } from './files-under-test.ts';

const MAX_BYTES = 10_000_000;

/** The open descriptors of this process. */
const DESCRIPTORS = '/proc/self/fd';
if (!existsSync(DESCRIPTORS)) console.log('skipped: leaked descriptors (needs /proc)');

let files: FilesUnderTest;
let artifacts: ArtifactStore;

beforeEach(async () => {
  files = await openFilesUnderTest();
  artifacts = createArtifactStore(files.store, { maxArtifactBytes: MAX_BYTES });
});
afterEach(async () => {
  await artifacts.close();
  await files.dispose();
});

const ref = (version: string): ArtifactRef => ({ bucketId: 'b', artifactId: 'a', version });

/** Claims the digest of the bytes. */
function claimOf({ claim: { sha256 }, bytes }: ReturnType<typeof sampleBlob>) {
  return {
    digest: `sha256:${sha256}`,
    size: bytes.length,
    createdAt: '2024-05-06T07:08:09Z',
    uploadedBy: 'trainer ⚙',
    provenanceSource: 'a "run"',
  };
}

async function store(version: string, blob: ReturnType<typeof sampleBlob>) {
  return artifacts.put(ref(version), claimOf(blob), inPieces(blob.bytes));
}

async function readAll({ pieces }: OpenedArtifact): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}

async function versionsOf(artifactId: string): Promise<string[] | null> {
  const pages = await artifacts.versions('b', artifactId);
  if (pages === null) return null;
  const versions: string[] = [];
  for await (const page of pages) versions.push(...page.map(({ version }) => version));
  return versions;
}

describe('put and stat', () => {
  test('the metadata is what was claimed', async () => {
    const blob = sampleBlob(1234);
    const expected = {
      bucket_id: 'b',
      artifact_id: 'a',
      version: '1',
      digest: `sha256:${blob.claim.sha256}`,
      size_bytes: 1234,
      created_at: '2024-05-06T07:08:09Z',
      uploaded_by: 'trainer ⚙',
      provenance_source: 'a "run"',
    };
    expect(await store('1', blob)).toEqual({ outcome: 'created', metadata: expected });
    expect(await artifacts.stat(ref('1'))).toEqual(expected);
    expect(await artifacts.stat(ref('2'))).toBe(null);
  });

  test('a size that nobody has said is counted', async () => {
    const blob = sampleBlob(70_001);
    const claim = { ...claimOf(blob), size: undefined };
    const { metadata } = await artifacts.put(ref('1'), claim, inPieces(blob.bytes));
    expect(metadata.size_bytes).toBe(70_001);
  });

  test('a version that exists: the stored metadata, and no byte is read', async () => {
    const first = sampleBlob(100);
    const { metadata } = await store('1', first);
    let isRead = false;
    async function* untouched() {
      isRead = true;
      yield Buffer.from('x');
    }
    const again = await artifacts.put(ref('1'), claimOf(sampleBlob(5)), untouched());
    expect(again).toEqual({ outcome: 'exists', metadata });
    expect(isRead).toBe(false);
  });

  test('many at once with different bytes: one is created, and all others get its metadata', async () => {
    const blobs = Array.from({ length: 24 }, (_, index) => sampleBlob(index % 2 === 0 ? 100 : 300_000));
    const results = await Promise.all(blobs.map((blob) => store('raced', blob)));
    const winners = results.filter(({ outcome }) => outcome === 'created');
    expect(winners.length).toBe(1);
    for (const { metadata } of results) expect(metadata).toEqual(winners[0]?.metadata);
    const metadata = await artifacts.stat(ref('raced'));
    const winner = blobs.find(({ claim }) => metadata?.digest === `sha256:${claim.sha256}`);
    if (metadata === null) throw new Error('the winner is not stored');
    expect(
      (await readAll(await artifacts.open(metadata, { verify: true }))).equals(winner?.bytes ?? Buffer.of()),
    ).toBe(true);
  });

  test('what fails leaves no version', async () => {
    const blob = sampleBlob(1000);
    const wrong = artifacts.put(ref('1'), claimOf(blob), inPieces(sampleBlob(1000).bytes));
    expect(await codeOfRejection(wrong)).toBe('digest_mismatch');
    const large = sampleBlob(MAX_BYTES + 1);
    expect(await codeOfRejection(store('1', large))).toBe('too_large');
    expect(await artifacts.stat(ref('1'))).toBe(null);
    expect(await artifacts.versions('b', 'a')).toBe(null);
    expect((await store('1', sampleBlob(MAX_BYTES))).outcome).toBe('created');
  });

  test('metadata that cannot be read is an error, not an absence', async () => {
    await files.store.createRef(refKey(ref('1')), Buffer.from('{"digest":'));
    await files.store.createRef(refKey(ref('2')), Buffer.from('{}'));
    expect(await codeOfRejection(artifacts.stat(ref('1')))).toBe('damaged');
    expect(await codeOfRejection(artifacts.stat(ref('2')))).toBe('damaged');
    expect(await codeOfRejection(store('1', sampleBlob(10)))).toBe('damaged');
  });
});

describe('versions', () => {
  test('all of an artifact, or null', async () => {
    expect(await versionsOf('a')).toBe(null);
    const names = Array.from({ length: 70 }, (_, index) => `v${index}`);
    const blob = sampleBlob(10);
    await Promise.all(names.map((name) => store(name, blob)));
    expect((await versionsOf('a'))?.sort()).toEqual(names.sort());
    expect(await versionsOf('other')).toBe(null);
  });
});

const SIZES = [0, 1, 4096, 65_536, 65_537, 262_144, 1_048_577, 3_000_000];

describe('open', () => {
  test('gives the bytes, verified or not, or a range of them', async () => {
    for (const size of SIZES) {
      const blob = sampleBlob(size);
      const { metadata } = await store(`of ${size}`, blob);
      for (const verify of [true, false]) {
        const opened = await artifacts.open(metadata, { verify });
        expect(opened.size).toBe(size);
        expect((await readAll(opened)).equals(blob.bytes)).toBe(true);
      }
      const range = { start: Math.floor(size / 3), end: size };
      const opened = await artifacts.open(metadata, { verify: true, range });
      expect((await readAll(opened)).equals(blob.bytes.subarray(range.start))).toBe(true);
    }
  });

  test('a flipped byte: the last piece is never given out', async () => {
    for (const size of SIZES.filter((each) => each > 0)) {
      const blob = sampleBlob(size);
      const { metadata } = await store(`of ${size}`, blob);
      await files.rot(blobKey(blob.claim.sha256), 'flipped');
      let received = 0;
      const opened = await artifacts.open(metadata, { verify: true });
      const reading = (async () => {
        for await (const piece of opened.pieces) received += piece.length;
      })();
      await expect(reading).rejects.toMatchObject({
        code: 'artifact_corrupt',
        expected: metadata.digest,
        found: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      });
      expect(received).toBeLessThan(size);
      // Without verification it comes as it is, and so does a range.
      expect((await readAll(await artifacts.open(metadata, { verify: false }))).length).toBe(size);
    }
  });

  test('bytes that are missing, or of another number, are known at once', async () => {
    for (const kind of ['truncated', 'grown', 'missing'] as const) {
      const blob = sampleBlob(100_000);
      const { metadata } = await store(kind, blob);
      await files.rot(blobKey(blob.claim.sha256), kind);
      const found = { truncated: 99_999, grown: 100_001, missing: null }[kind];
      for (const options of [
        { verify: true },
        { verify: false },
        { verify: false, range: { start: 0, end: 1 } },
      ]) {
        await expect(artifacts.open(metadata, options)).rejects.toMatchObject({
          code: 'artifact_corrupt',
          expected: 100_000,
          found,
        });
      }
    }
  });

  test('bytes that become fewer on the way', async () => {
    const blob = sampleBlob(5_000_000);
    const { metadata } = await store('1', blob);
    for (const verify of [true, false]) {
      await put(files.store, blob);
      const opened = await artifacts.open(metadata, { verify });
      await files.rot(blobKey(blob.claim.sha256), 'truncated');
      expect(await codeOfRejection(readAll(opened))).toBe('artifact_corrupt');
    }
  });

  test('the right bytes under another version heal it', async () => {
    const blob = sampleBlob(300_000);
    const { metadata } = await store('1', blob);
    await files.rot(blobKey(blob.claim.sha256), 'flipped');
    expect((await store('1', blob)).outcome).toBe('exists');
    expect(await codeOfRejection(readAll(await artifacts.open(metadata, { verify: true })))).toBe(
      'artifact_corrupt',
    );
    expect((await store('2', blob)).outcome).toBe('created');
    expect((await readAll(await artifacts.open(metadata, { verify: true }))).equals(blob.bytes)).toBe(true);
  });

  test('many verified readers at once, some who leave early, some slow', async () => {
    const blobs = [sampleBlob(2_000_000), sampleBlob(700_000), sampleBlob(10)];
    const stored = await Promise.all(blobs.map((blob, index) => store(String(index), blob)));
    const readers = Array.from({ length: 45 }, async (_, number) => {
      const { metadata } = stored[number % 3] ?? (await store('unreachable', sampleBlob(1)));
      const opened = await artifacts.open(metadata, { verify: true });
      if (number % 5 === 0) {
        for await (const piece of opened.pieces) if (piece.length > 0) break;
        return true;
      }
      const all: Buffer[] = [];
      for await (const piece of opened.pieces) {
        await new Promise((resolve) => setTimeout(resolve, number % 7));
        all.push(Buffer.from(piece));
      }
      return Buffer.concat(all).equals(blobs[number % 3]?.bytes ?? Buffer.of());
    });
    expect(await Promise.all(readers)).toEqual(Array(45).fill(true));
  });

  (existsSync(DESCRIPTORS) ? test : test.skip)('what is opened is let go, read or not', async () => {
    const { metadata } = await store('1', sampleBlob(100_000));
    const before = readdirSync(DESCRIPTORS).length;
    for (let round = 0; round < 60; round += 1) {
      const opened = await artifacts.open(metadata, { verify: round % 2 === 0 });
      if (round % 3 === 0) await readAll(opened);
      await opened.close();
    }
    expect(readdirSync(DESCRIPTORS).length).toBeLessThan(before + 20);
  });
});
