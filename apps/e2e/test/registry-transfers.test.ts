import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetch, openRegistry, openSqliteStore, publish, readManifest, verify } from '@bhiv/artifact-registry';
import { BucketClient } from '@bhiv/bucket-client';
import { describe, expect, test } from '@jest/globals';
import { bytesFrom } from '../src/artifacts/bytes.ts';
import { unsound } from '../src/artifacts/fsck.ts';
import { realFiles } from '../src/artifacts/real-files.ts';
import { BucketProcess } from '../src/processes/bucket-process.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { withBucket } from '../src/processes/with-bucket.ts';
import { type TransferJob, type TransferOutcome, transfer } from '../src/registry/transfer.ts';
import { treeOf } from '../src/registry/tree.ts';
import { Wire } from '../src/registry/wire.ts';

const MIB = 2 ** 20;
const PACK = 32 * MIB;
const WORKERS = 2;
const TOTAL = 160 * MIB;
/** Manifest, questions and HTTP. */
const BESIDES = MIB;
const MODEL = { bucketId: 'models', artifactId: 'model', version: 'v1' };

/** A folder with a large and a small file, a folder to fetch into, and a Bucket behind a wire. */
async function withRoom(use: (room: Room) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const room = { source: join(folder, 'source'), target: join(folder, 'target') };
    const dataDir = join(folder, 'data');
    await mkdir(join(room.source, 'deep'), { recursive: true });
    await writeFile(join(room.source, 'large.bin'), bytesFrom('large', 100 * MIB));
    await writeFile(join(room.source, 'deep', 'small.bin'), bytesFrom('small', 60 * MIB));
    await withBucket({ dataDir }, async (bucket) => {
      const wire = await Wire.open(bucket.url);
      await using client = new BucketClient({ url: bucket.url });
      try {
        await use({ ...room, dataDir, bucket, wire, client });
      } finally {
        await wire.close();
      }
    });
  });
}

interface Room {
  readonly source: string;
  readonly target: string;
  readonly dataDir: string;
  readonly bucket: BucketProcess;
  readonly wire: Wire;
  readonly client: BucketClient;
}

const publishJob = ({ wire, source }: Room, more: Partial<TransferJob> = {}): TransferJob => ({
  ...{ what: 'publish', url: wire.url, folder: source, workers: WORKERS, ...more },
});
const fetchJob = ({ wire, target }: Room, more: Partial<TransferJob> = {}): TransferJob => ({
  ...{ what: 'fetch', url: wire.url, folder: target, workers: WORKERS, ...more },
});

/** Every file that has its final name has all of its bytes. */
async function expectNothingPartial({ source, target }: Room): Promise<void> {
  const whole = await treeOf(source);
  for (const [path, digest] of Object.entries(await treeOf(target)))
    expect([path, digest]).toEqual([path, whole[path]]);
}

/** Kills Bucket when so many bytes went by, starts another one on its folder, and leads the wire there. */
function killAt(room: Room, way: 'up' | 'down', bytes: number): Promise<BucketProcess> {
  return new Promise((resolve, reject) => {
    room.wire.onBytes = (counted) => {
      if (counted[way] < bytes) return;
      room.wire.onBytes = () => undefined;
      room.bucket.kill('SIGKILL');
      const again = room.bucket.end.then(() => BucketProcess.start({ dataDir: room.dataDir }));
      again.then((bucket) => {
        room.wire.leadTo(bucket.url);
        resolve(bucket);
      }, reject);
    };
  });
}

/** Runs a transfer until it does not fail for Bucket's sake: it makes some attempts itself, and a person some more. */
async function untilDone(job: TransferJob): Promise<TransferOutcome> {
  const outcome = await transfer(job);
  if (outcome === 'killed') throw new Error('nobody was to kill it');
  if (!('failed' in outcome)) return outcome;
  expect(['network', 'bad_response', 'timeout']).toContain(outcome.failed);
  return untilDone(job);
}

test('real models: published, registered, found by an alias, fetched identical; a second version sends little', () =>
  withTempFolder((folder) =>
    withBucket({ dataDir: join(folder, 'data') }, async ({ url }) => {
      const source = join(folder, 'source');
      for (const { what, files } of realFiles().slice(1)) {
        await mkdir(join(source, what), { recursive: true });
        for (const { id, path } of files) await copyFile(path, join(source, what, id));
      }
      await using client = new BucketClient({ url });
      const store = await openSqliteStore({ path: join(folder, 'registry.db') });
      const registry = openRegistry({ store, actor: 'trainer-7' });
      const release = (version: string, earlier: () => Promise<Uint8Array[]>) =>
        publish({
          ...{ transport: client, source, version, earlier },
          ...{
            bucketId: 'models',
            logicalId: 'perception',
            uploadedBy: 'trainer-7',
            provenanceSource: 'run-1',
          },
          register: async ({ bucketId, artifactId, digest, size }) => {
            const row = { logicalId: 'perception', version, bucketId, artifactId, digest, sizeBytes: size };
            await registry.registerVersion({ ...row, kind: 'manifest' });
            await registry.setAlias('perception', 'production', version);
          },
        });
      const first = await release('v1', async () => []);
      const record = await registry.resolve('perception:production');
      const fetched = await fetch({ transport: client, ...record }, join(folder, 'fetched'));
      expect(fetched).toMatchObject({ files: first.files, bytesWritten: first.bytes });
      expect(await treeOf(join(folder, 'fetched'))).toEqual(await treeOf(source));
      expect(await verify({ transport: client, ...record })).toMatchObject({ problems: [] });

      await writeFile(join(source, 'added.json'), '{"threshold": 0.5}');
      const second = await release('v2', async () => [await readManifest({ transport: client, ...record })]);
      expect(second.bytesSent).toBeLessThan(second.bytes / 100);
      const production = await registry.resolve('perception:production');
      expect(production.version).toBe('v2');
      // Into the same folder: what is there already is not read again.
      const again = await fetch({ transport: client, ...production }, join(folder, 'fetched'));
      expect(again.bytesReceived).toBeLessThan(100);
      expect(await treeOf(join(folder, 'fetched'))).toEqual(await treeOf(source));
      await registry.close();
    }),
  ));

describe('a publish', () => {
  test('that is killed at 50 % and run again sends at most one pack per worker twice', () =>
    withRoom(async (room) => {
      const { wire, client, source, target } = room;
      expect(await transfer(publishJob(room, { dies: true }))).toBe('killed');
      expect(await client.headArtifact(MODEL)).toBeNull(); // what is not whole is not there
      const there = await client.listVersions('models', 'model.packs');
      expect(there.length).toBeGreaterThan(0);

      const outcome = await transfer(publishJob(room));
      expect(outcome).toMatchObject({ published: { bytes: TOTAL, alreadyPublished: false } });
      // Both runs together: everything once, and again what was on its way.
      expect(wire.bytes.up - TOTAL).toBeLessThanOrEqual(WORKERS * PACK + BESIDES);
      wire.reset();
      expect(await transfer(publishJob(room))).toMatchObject({ published: { alreadyPublished: true } });
      expect(wire.bytes.up).toBeLessThan(BESIDES);
      await fetch({ transport: client, ...MODEL }, target);
      expect(await treeOf(target)).toEqual(await treeOf(source));
    }));

  test('goes on when Bucket is killed in the middle, and what is stored is sound', () =>
    withRoom(async (room) => {
      const restarted = killAt(room, 'up', TOTAL / 2);
      const outcome = await untilDone(publishJob(room));
      const bucket = await restarted;
      try {
        expect(outcome).toMatchObject({ published: { bytes: TOTAL } });
        expect(room.wire.bytes.up - TOTAL).toBeLessThanOrEqual(WORKERS * PACK + BESIDES);
        expect(await transfer(fetchJob(room))).toMatchObject({ fetched: { bytesWritten: TOTAL } });
        expect(await treeOf(room.target)).toEqual(await treeOf(room.source));
      } finally {
        await bucket.stop();
      }
      expect(await unsound(room.dataDir)).toEqual([]);
    }));
});

describe('a fetch', () => {
  test('that is killed at 50 % and run again reads at most one pack per worker twice, and nothing partial has a name', () =>
    withRoom(async (room) => {
      const { wire, client, source, target } = room;
      await transfer(publishJob(room));
      wire.reset();
      expect(await transfer(fetchJob(room, { dies: true }))).toBe('killed');
      await expectNothingPartial(room);
      expect(Object.keys(await treeOf(target)).length).toBeLessThan(2);

      expect(await transfer(fetchJob(room))).toMatchObject({ fetched: { bytesTotal: TOTAL } });
      expect(wire.bytes.down - TOTAL).toBeLessThanOrEqual(WORKERS * PACK + BESIDES);
      expect(await treeOf(target)).toEqual(await treeOf(source));
      await expect(stat(join(target, '.bhiv-fetch'))).rejects.toThrow('ENOENT');
      expect(await client.headArtifact(MODEL)).not.toBeNull();
    }));

  test('goes on when Bucket is killed in the middle, and nothing partial has a name meanwhile', () =>
    withRoom(async (room) => {
      await transfer(publishJob(room));
      room.wire.reset();
      const restarted = killAt(room, 'down', TOTAL / 2).then(async (bucket) => {
        await expectNothingPartial(room);
        return bucket;
      });
      const outcome = await untilDone(fetchJob(room));
      const bucket = await restarted;
      try {
        expect(outcome).toMatchObject({ fetched: { bytesTotal: TOTAL } });
        expect(room.wire.bytes.down - TOTAL).toBeLessThanOrEqual(WORKERS * PACK + BESIDES);
        expect(await treeOf(room.target)).toEqual(await treeOf(room.source));
      } finally {
        await bucket.stop();
      }
    }));
});
