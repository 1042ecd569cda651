import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetch, openRegistry, openSqliteStore, publish, readManifest, verify } from '@bhiv/artifact-registry';
import { BucketClient } from '@bhiv/bucket-client';
import { expect, test } from '@jest/globals';
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
/** For transfers that take their time on a slow day (ms). */
const SLOW = 120_000;
const MODEL = { bucketId: 'models', artifactId: 'model', version: 'v1' };

/** A folder with a large and a small file, a folder to fetch into, and a Bucket behind a wire. */
interface Room {
  readonly source: string;
  readonly target: string;
  readonly dataDir: string;
  readonly wire: Wire;
  /** The one that runs now. */
  bucket: BucketProcess;
}

async function withRoom(use: (room: Room) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const [source, target, dataDir] = [join(folder, 'source'), join(folder, 'target'), join(folder, 'data')];
    await mkdir(join(source, 'deep'), { recursive: true });
    await writeFile(join(source, 'large.bin'), bytesFrom('large', 100 * MIB));
    await writeFile(join(source, 'deep', 'small.bin'), bytesFrom('small', 60 * MIB));
    const bucket = await BucketProcess.start({ dataDir });
    const room: Room = { source, target, dataDir, bucket, wire: await Wire.open(bucket.url) };
    try {
      await use(room);
    } finally {
      await room.wire.close();
      room.bucket.kill('SIGKILL');
      await room.bucket.end;
    }
  });
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
function killAt(room: Room, way: 'up' | 'down', bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    room.wire.onBytes = (counted) => {
      if (counted[way] < bytes) return;
      room.wire.onBytes = () => undefined;
      room.bucket.kill('SIGKILL');
      restart(room).then(resolve, reject);
    };
  });
}

async function restart(room: Room): Promise<void> {
  await room.bucket.end;
  room.bucket = await BucketProcess.start({ dataDir: room.dataDir });
  room.wire.leadTo(room.bucket.url);
}

/** Runs a transfer until it does not fail for Bucket's sake: it makes some attempts itself, and a person some more. */
async function untilDone(job: TransferJob): Promise<TransferOutcome> {
  const outcome = await transfer(job);
  if (outcome === 'killed') throw new Error('nobody was to kill it');
  if (!('failed' in outcome)) return outcome;
  expect(['network', 'bad_response', 'timeout']).toContain(outcome.failed);
  return untilDone(job);
}

test(
  'real models: published, registered, found by an alias, fetched identical; a second version sends little',
  () =>
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
        const second = await release('v2', async () => [
          await readManifest({ transport: client, ...record }),
        ]);
        expect(second.bytesSent).toBeLessThan(second.bytes / 100);
        const production = await registry.resolve('perception:production');
        expect(production.version).toBe('v2');
        // Into the same folder: what is there already is not read again.
        const again = await fetch({ transport: client, ...production }, join(folder, 'fetched'));
        expect(again.bytesReceived).toBeLessThan(100);
        expect(await treeOf(join(folder, 'fetched'))).toEqual(await treeOf(source));
        await registry.close();
      }),
    ),
  SLOW,
);

test(
  'killed at 50 % and run again, a publish and a fetch move at most one pack per worker twice',
  () =>
    withRoom(async (room) => {
      const { wire, source, target } = room;
      await using client = new BucketClient({ url: room.bucket.url });
      expect(await transfer(publishJob(room, { dies: true }))).toBe('killed');
      expect(await client.headArtifact(MODEL)).toBeNull(); // what is not whole is not there
      expect((await client.listVersions('models', 'model.packs')).length).toBeGreaterThan(0);
      expect(await transfer(publishJob(room))).toMatchObject({ published: { alreadyPublished: false } });
      // Both runs together: everything once, and again what was on its way.
      expect(wire.bytes.up - TOTAL).toBeLessThanOrEqual(WORKERS * PACK + BESIDES);

      wire.reset();
      expect(await transfer(publishJob(room))).toMatchObject({ published: { alreadyPublished: true } });
      expect(wire.bytes.up).toBeLessThan(BESIDES);

      wire.reset();
      expect(await transfer(fetchJob(room, { dies: true }))).toBe('killed');
      await expectNothingPartial(room);
      expect(Object.keys(await treeOf(target)).length).toBeLessThan(2);
      expect(await transfer(fetchJob(room))).toMatchObject({ fetched: { bytesTotal: TOTAL } });
      expect(wire.bytes.down - TOTAL).toBeLessThanOrEqual(WORKERS * PACK + BESIDES);
      expect(await treeOf(target)).toEqual(await treeOf(source));
      await expect(stat(join(target, '.bhiv-fetch'))).rejects.toThrow('ENOENT');
    }),
  SLOW,
);

test(
  'a publish and a fetch go on when Bucket is killed in their middle; nothing is lost, nothing partial has a name',
  () =>
    withRoom(async (room) => {
      const { wire, source, target, dataDir } = room;
      const duringPublish = killAt(room, 'up', TOTAL / 2);
      expect(await untilDone(publishJob(room))).toMatchObject({ published: { bytes: TOTAL } });
      await duringPublish;
      expect(wire.bytes.up - TOTAL).toBeLessThanOrEqual(WORKERS * PACK + BESIDES);

      wire.reset();
      const duringFetch = killAt(room, 'down', TOTAL / 2).then(() => expectNothingPartial(room));
      expect(await untilDone(fetchJob(room))).toMatchObject({ fetched: { bytesTotal: TOTAL } });
      await duringFetch;
      expect(wire.bytes.down - TOTAL).toBeLessThanOrEqual(WORKERS * PACK + BESIDES);
      expect(await treeOf(target)).toEqual(await treeOf(source));
      await room.bucket.stop();
      expect(await unsound(dataDir)).toEqual([]);
    }),
  SLOW,
);
