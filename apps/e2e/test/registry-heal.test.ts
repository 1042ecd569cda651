import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Finding,
  fetch,
  heal,
  memoryStore,
  openRegistry,
  publish,
  type Registry,
  reconcile,
  verify,
} from '@bhiv/artifact-registry';
import { BucketClient } from '@bhiv/bucket-client';
import { expect, test } from '@jest/globals';
import { bytesFrom, digestOf } from '../src/artifacts/bytes.ts';
import { damages } from '../src/artifacts/damage.ts';
import { blobPath, refPath } from '../src/artifacts/data-folder.ts';
import { unsound } from '../src/artifacts/fsck.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { withBucket } from '../src/processes/with-bucket.ts';

const MIB = 2 ** 20;
const ACTORS = { uploadedBy: 'trainer-7', provenanceSource: 'run-47' };
const NAMES = { logicalId: 'model', bucketId: 'models', ...ACTORS };
const REF = { bucketId: 'models', artifactId: 'model' };

interface Room {
  readonly folder: string;
  readonly dataDir: string;
  readonly source: string;
  readonly transport: BucketClient;
  readonly registry: Registry;
}

/** A real Bucket, a client, a registry, and a folder of two files. */
function inRoom(use: (room: Room) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const [dataDir, source] = [join(folder, 'data'), join(folder, 'source')];
    await mkdir(source);
    await writeFile(join(source, 'a.bin'), bytesFrom('a', 2 * MIB));
    await writeFile(join(source, 'b.bin'), bytesFrom('b', MIB));
    await withBucket({ dataDir }, async ({ url }) => {
      const transport = new BucketClient({ url });
      const registry = openRegistry({ store: memoryStore(), actor: 'trainer-7' });
      await use({ folder, dataDir, source, transport, registry });
      await transport.close();
    });
  });
}

async function packsOf({ transport }: Room, version: string): Promise<{ version: string; digest: string }[]> {
  return JSON.parse((await transport.readArtifact({ ...REF, version })).toString('utf8')).shards;
}

/** Registers what was published. */
function registering({ registry }: Room) {
  return async (published: { artifactId: string; version: string; digest: string; size: number }) => {
    const { artifactId, version, digest, size } = published;
    const row = { logicalId: 'model', version, bucketId: 'models', artifactId, digest, sizeBytes: size };
    await registry.registerVersion({ ...row, kind: 'manifest' });
  };
}

test(
  'a pack that rots on the disk of a real Bucket is named, healed, and whole for every version',
  () =>
    inRoom(async (room) => {
      const { folder, dataDir, source, transport } = room;
      await publish({ ...NAMES, transport, source, version: 'v1' });
      const earlier = [await transport.readArtifact({ ...REF, version: 'v1' })];
      await writeFile(join(source, 'c.bin'), bytesFrom('c', 1000));
      await publish({ ...NAMES, transport, source, version: 'v2', earlier });
      const [pack = { version: '', digest: '' }] = await packsOf(room, 'v1');

      let healings = 0;
      for (const damage of damages) {
        await damage.apply(blobPath(dataDir, pack.digest), 3 * MIB);
        const { problems } = await verify({ ...REF, transport, version: 'v2' });
        expect([damage.title, problems.length]).toEqual([damage.title, 1]);
        expect(problems[0]).toMatchObject({ artifactId: 'model.packs', version: pack.version });

        const healed = await heal({ ...REF, ...ACTORS, transport, version: 'v2' }, source);
        healings += 1;
        expect(healed).toMatchObject({
          problems: [],
          healed: [{ version: pack.version, healedBy: `${pack.version}.healed-${healings}` }],
        });
      }
      const packRef = { bucketId: 'models', artifactId: 'model.packs', version: pack.version };
      expect(digestOf(await transport.readArtifact(packRef))).toBe(pack.digest); // as a whole, which Bucket verifies
      await fetch({ ...REF, transport, version: 'v2' }, join(folder, 'target'));
      for (const name of ['a.bin', 'b.bin', 'c.bin'])
        expect(
          (await readFile(join(folder, 'target', name))).equals(await readFile(join(source, name))),
        ).toBe(true);
      expect(await unsound(dataDir)).toEqual([]);
    }),
  60_000,
);

test('a publish that verifies packs heals what a HEAD does not tell of', () =>
  inRoom(async ({ dataDir, source, transport, ...room }) => {
    await publish({ ...NAMES, transport, source, version: 'v1' });
    const [pack = { version: '', digest: '' }] = await packsOf({ dataDir, source, transport, ...room }, 'v1');
    await rm(blobPath(dataDir, pack.digest));
    const packRef = { bucketId: 'models', artifactId: 'model.packs', version: pack.version };
    expect(await transport.headArtifact(packRef)).toMatchObject({ digest: pack.digest });
    const again = await publish({ ...NAMES, transport, source, version: 'v1', verifyPacks: true });
    expect(again).toMatchObject({ alreadyPublished: true, healed: [{ version: pack.version }] });
    expect((await verify({ ...REF, transport, version: 'v1' })).problems).toEqual([]);
  }));

test('a registry and a real Bucket are compared: rows without bytes, bytes without a row', () =>
  inRoom(async (room) => {
    const { dataDir, source, transport, registry } = room;
    const published = { ...NAMES, transport, source };
    await publish({ ...published, version: 'v1', register: registering(room) });
    const lost = new Error('the process ended here');
    const cutOff = publish({ ...published, version: 'v2', register: () => Promise.reject(lost) });
    await expect(cutOff).rejects.toBe(lost);
    await publish({ ...published, version: 'v3', register: registering(room) });
    await rm(refPath(dataDir, { ...REF, version: 'v1' }));

    const findings: Finding[] = [];
    const onFinding = (finding: Finding) => void findings.push(finding);
    const counts = await reconcile({ registry, transport, onFinding });
    expect(counts).toEqual({
      ...{ artifacts: 1, rows: 2, missing: 1, differing: 0, unregistered: 1, registered: 0 },
    });
    expect(findings).toMatchObject([
      { kind: 'missing', row: { version: 'v1' } },
      { kind: 'unregistered', registration: { logicalId: 'model', version: 'v2', kind: 'manifest' } },
    ]);
    const adopted = await reconcile({ registry, transport, register: true });
    expect(adopted).toMatchObject({ unregistered: 1, registered: 1 });
    const row = await registry.resolve('model@v2');
    expect((await verify({ ...row, transport })).problems).toEqual([]);
    expect(await reconcile({ registry, transport })).toMatchObject({ rows: 3, missing: 1, unregistered: 0 });
  }));
