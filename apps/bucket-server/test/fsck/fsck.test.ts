import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inPieces, put, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { createArtifactStore } from '../../src/artifact-store/create-artifact-store.ts';
import { blobKey } from '../../src/artifact-store/keys.ts';
import { fsckCommand } from '../../src/fsck/command.ts';
import type { Finding } from '../../src/fsck/finding.ts';
import { runFsck } from '../../src/fsck/run-fsck.ts';
import { type FilesUnderTest, openFilesUnderTest } from '../artifact-store/files-under-test.ts';

let files: FilesUnderTest;

beforeEach(async () => {
  files = await openFilesUnderTest();
});
afterEach(() => files.dispose());

async function store(version: string, blob = sampleBlob(1000)): Promise<string> {
  const artifacts = createArtifactStore(files.store, { maxArtifactBytes: 1e9 });
  const claim = {
    digest: `sha256:${blob.claim.sha256}`,
    size: blob.bytes.length,
    createdAt: '2024-05-06T07:08:09Z',
    uploadedBy: 'trainer',
    provenanceSource: 'run',
  };
  await artifacts.put({ bucketId: 'b', artifactId: 'a', version }, claim, inPieces(blob.bytes));
  return blobKey(blob.claim.sha256);
}

/** Runs it while no Bucket runs, or beside the one of this test (which costs it a second to find out). */
async function fsck({ removeOrphans = false, beside = false } = {}) {
  if (!beside) await files.store.close();
  const findings: Finding[] = [];
  const report = await runFsck({
    folder: files.folder,
    removeOrphans,
    onFinding: (finding) => findings.push(finding),
  });
  return { report, found: findings.map(({ kind, path }) => `${kind} ${path}`).sort() };
}

async function command(...args: string[]) {
  await files.store.close();
  let stdout = '';
  let stderr = '';
  const status = await fsckCommand({
    args,
    env: { BUCKET_DATA_DIR: files.folder },
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { status, stdout, stderr };
}

describe('fsck', () => {
  test('a sound store is clean, in use or not', async () => {
    for (const [index, size] of [0, 10, 100_000, 2_500_000].entries())
      await store(`v${index}`, sampleBlob(size));
    const expected = { blobs: 4, bytes: 2_600_010, artifacts: 4, found: {}, keptOrphans: null };
    expect((await fsck({ beside: true })).report).toEqual({ ...expected, besideBucket: true });
    expect((await fsck()).report).toEqual({ ...expected, besideBucket: false });
    expect(await command()).toEqual({
      status: 0,
      stdout: '4 artifacts, 4 blobs, 2600010 bytes read: clean\n',
      stderr: '',
    });
  });

  test('finds every kind of damage', async () => {
    const keys = [];
    for (let index = 0; index < 5; index += 1) keys.push(await store(`v${index}`, sampleBlob(100_000)));
    const [flipped = '', truncated = '', grown = '', missing = ''] = keys;
    await files.rot(flipped, 'flipped');
    await files.rot(truncated, 'truncated');
    await files.rot(grown, 'grown');
    await files.rot(missing, 'missing');
    writeFileSync(files.pathOf('refs/b/a/empty.json'), '');
    await files.store.createRef(
      'refs/b/a/moved.json',
      (await files.store.readRef('refs/b/a/v4.json')) ?? Buffer.of(),
    );
    const { found } = await fsck();
    expect(found).toEqual(
      [
        ...[flipped, truncated, grown].map((key) => `damaged_blob artifacts/${key}`),
        'damaged_artifact artifacts/refs/b/a/v0.json',
        'wrong_size artifacts/refs/b/a/v1.json',
        'wrong_size artifacts/refs/b/a/v2.json',
        'missing_blob artifacts/refs/b/a/v3.json',
        'bad_ref artifacts/refs/b/a/empty.json',
        'bad_ref artifacts/refs/b/a/moved.json',
      ].sort(),
    );
    const { status, stdout } = await command();
    expect(status).toBe(1);
    expect(stdout).toContain('bytes read: DAMAGED (3 damaged_blob');
  });

  test('orphans are told and harmless; removed where that is asked for and no Bucket runs', async () => {
    const used = await store('1');
    const orphans = [sampleBlob(0), sampleBlob(70_000)];
    for (const orphan of orphans) await put(files.store, orphan);
    await expect(runFsck({ folder: files.folder, removeOrphans: true })).rejects.toMatchObject({
      code: 'locked',
    });
    const { found } = await fsck();
    expect(found).toEqual(orphans.map(({ key }) => `orphan artifacts/${key}`).sort());
    expect((await command()).status).toBe(0);
    const removed = await fsck({ removeOrphans: true });
    expect(removed.found).toEqual(orphans.map(({ key }) => `removed_orphan artifacts/${key}`).sort());
    expect(await fsck()).toMatchObject({ found: [], report: { blobs: 1, artifacts: 1 } });
    expect(readdirSync(files.pathOf(used.slice(0, -64)))).toEqual([used.slice(-64)]);
  });

  test('beside a Bucket, what it may be storing just now is no orphan', async () => {
    await put(files.store, sampleBlob(100));
    expect((await fsck({ beside: true })).report).toMatchObject({ found: {}, besideBucket: true });
  });

  test('keeps all orphans while there is metadata that it cannot read: the bytes may be its own', async () => {
    await store('1');
    writeFileSync(files.pathOf('refs/b/a/1.json'), '{');
    const { found, report } = await fsck({ removeOrphans: true });
    expect(found.map((each) => each.split(' ')[0])).toEqual(['bad_ref', 'orphan']);
    expect(report.keptOrphans).toBe('there is metadata that cannot be used');
    const { status, stdout } = await command('--remove-orphans');
    expect(status).toBe(1);
    expect(stdout).toContain('No orphan was removed');
  });

  test('tells of files that somebody else has put there', async () => {
    await store('1');
    const foreign = [
      'artifacts/x',
      'artifacts/tmp/x',
      'artifacts/blobs/x',
      'artifacts/refs/x',
      'artifacts/refs/b/a/x',
    ];
    for (const path of foreign) writeFileSync(join(files.folder, path), '');
    mkdirSync(join(files.folder, 'artifacts/blobs/sha256/zz'));
    const { found, report } = await fsck();
    expect(found).toEqual(
      [...foreign, 'artifacts/blobs/sha256/zz'].map((path) => `foreign_file ${path}`).sort(),
    );
    expect(report.artifacts).toBe(1);
    expect((await command()).status).toBe(0);
  });

  test('a damaged blob that no artifact has is no loss', async () => {
    await store('1');
    const orphan = sampleBlob(1000);
    await put(files.store, orphan);
    await files.rot(orphan.key, 'flipped');
    expect((await fsck()).found).toEqual([`orphan artifacts/${orphan.key}`]);
    const told = await command();
    expect([told.status, told.stdout]).toEqual([
      0,
      expect.stringMatching(/bytes, which are damaged.*: clean/s),
    ]);
    expect((await command('--remove-orphans')).status).toBe(0);
    expect((await command()).stdout).toMatch(/clean\n$/);
  });

  test('a folder in tmp is told, whatever its name', async () => {
    mkdirSync(join(files.folder, 'artifacts/tmp/0123abcd-01234567-0123-0123-0123-0123456789ab'));
    expect((await fsck()).report.found).toEqual({ foreign_file: 1 });
  });

  test('an upload that is half-way is neither', async () => {
    let isOver = () => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    const blob = sampleBlob(1_500_000);
    async function* halting() {
      yield* inPieces(blob.bytes.subarray(0, 1_200_000));
      await over;
      yield* inPieces(blob.bytes.subarray(1_200_000));
    }
    const upload = files.store.putBlob(blob.key, halting(), blob.claim);
    while ((await files.leftBehind()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await fsck({ beside: true })).report).toMatchObject({ found: {}, blobs: 0 });
    isOver();
    await upload;
  });
});

describe('the command', () => {
  test('--json: a finding a line, and the summary', async () => {
    const key = await store('1');
    await files.rot(key, 'flipped');
    const { stdout } = await command('--json');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ kind }) => kind)).toEqual(['damaged_blob', 'damaged_artifact', 'summary']);
    expect(lines.at(-1)).toMatchObject({
      damaged: true,
      blobs: 1,
      found: { damaged_blob: 1, damaged_artifact: 1 },
    });
  });

  test('what it cannot do: status 2, and the message says why', async () => {
    expect(await command('--remove')).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage:') });
    rmSync(join(files.folder, 'artifacts/layout-version'));
    expect(await command()).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('No artifacts are stored in'),
    });
    expect((await command('--help')).status).toBe(0);
  });
});

test('an old time of change makes no blob an orphan that has an artifact', async () => {
  const key = await store('1');
  utimesSync(files.pathOf(key), 1, 1);
  expect((await fsck()).report.found).toEqual({});
});
