import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../src/reconcile/findings.ts';
import { type ReconcileOptions, type Reconciliation, reconcile } from '../../src/reconcile/reconcile.ts';
import { openRegistry, type Registry } from '../../src/registry/registry.ts';
import type { NewVersion } from '../../src/registry/versions.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { bytesOf, Room, sha256 } from '../helpers/transfers.ts';

let room: Room;
let registry: Registry;
beforeEach(() => {
  room = new Room();
  registry = openRegistry({ store: memoryStore(), actor: 'trainer-7' });
});
afterEach(() => room.remove());

/** Stores bytes in Bucket; gives the row for them. */
async function stored(artifactId: string, version: string): Promise<NewVersion> {
  const bytes = bytesOf(`${artifactId} ${version}`, 100);
  const digest = await room.store(bytes, version, artifactId);
  return { logicalId: artifactId, version, bucketId: 'models', artifactId, digest, sizeBytes: 100 };
}

async function storedAndRegistered(artifactId: string, version: string): Promise<NewVersion> {
  const row = await stored(artifactId, version);
  await registry.registerVersion(row);
  return row;
}

function remove({ bucketId, artifactId, version }: NewVersion): void {
  rmSync(room.transport.refPathOf({ bucketId, artifactId, version }));
}

async function run(
  options: Partial<ReconcileOptions> = {},
): Promise<{ counts: Reconciliation; findings: Finding[] }> {
  const findings: Finding[] = [];
  const onFinding = (finding: Finding) => void findings.push(finding);
  const counts = await reconcile({ registry, transport: room.transport, onFinding, ...options });
  return { counts, findings };
}

const NOTHING = { missing: 0, differing: 0, unregistered: 0, registered: 0 };

/** What is found, in short. */
const inShort = (findings: readonly Finding[]) =>
  findings.map((finding) =>
    finding.kind === 'unregistered'
      ? `${finding.kind} ${finding.artifact.artifactId} ${finding.artifact.version}`
      : `${finding.kind} ${finding.row.logicalId}@${finding.row.version}`,
  );

describe('a registry and a Bucket', () => {
  test('that agree: nothing is found, and each artifact is listed once', async () => {
    for (const version of ['v1', 'v2', 'v3']) await storedAndRegistered('llama', version);
    const row = await storedAndRegistered('phi', 'v1');
    await registry.registerVersion({ ...row, logicalId: 'phi-for-tests' });
    const { counts, findings } = await run();
    expect(findings).toEqual([]);
    expect(counts).toEqual({ ...NOTHING, artifacts: 2, rows: 5 });
    expect(room.transport.counts).toMatchObject({ lists: 2, gets: 0, heads: 0 });
  });

  test('that are empty', async () => {
    expect((await run()).counts).toEqual({ ...NOTHING, artifacts: 0, rows: 0 });
  });

  test('of which Bucket has lost an artifact: its rows are missing', async () => {
    await storedAndRegistered('llama', 'v1');
    remove(await storedAndRegistered('llama', 'v2'));
    remove(await storedAndRegistered('phi', 'v1'));
    const { counts, findings } = await run();
    expect(inShort(findings)).toEqual(['missing llama@v2', 'missing phi@v1']);
    expect(findings[0]).toMatchObject({
      row: { version: 'v2', isLatest: true },
      message:
        '"llama@v2" is registered, and Bucket has no models/llama v2: bring it back from a copy, or move the aliases that point at it.',
    });
    expect(counts).toEqual({ ...NOTHING, artifacts: 2, rows: 3, missing: 2 });
  });

  test('that tell of different bytes', async () => {
    const row = await stored('llama', 'v1');
    await registry.registerVersion({ ...row, digest: sha256(Buffer.from('else')) });
    await registry.registerVersion({ ...(await stored('phi', 'v1')), sizeBytes: 99 });
    const { counts, findings } = await run();
    expect(findings).toMatchObject([
      {
        kind: 'differing',
        found: { digest: row.digest, size_bytes: 100 },
        message: expect.stringMatching(
          /^"llama@v1": models\/llama v1 has the digest sha256:\w{64}, and is registered with sha256:/,
        ),
      },
      { kind: 'differing', message: expect.stringContaining('has 100 bytes, and is registered with 99') },
    ]);
    expect(counts).toMatchObject({ differing: 2, missing: 0, unregistered: 0 });
  });

  test('of which rows in many pages are compared', async () => {
    const row = await storedAndRegistered('llama', 'v1');
    for (let number = 0; number < 1200; number += 1) {
      await registry.registerVersion({ ...row, logicalId: `copy-${number}` });
    }
    remove(await storedAndRegistered('zephyr', 'v1'));
    const { counts, findings } = await run();
    expect(inShort(findings)).toEqual(['missing zephyr@v1']);
    expect(counts).toMatchObject({ artifacts: 2, rows: 1202 });
  });
});

describe('what no row names', () => {
  test('is offered for registering, the oldest first, and not registered', async () => {
    await storedAndRegistered('llama', 'v1');
    const source = room.write('source', { a: 'a' });
    await room.publish(source, { place: { artifactId: 'llama', version: 'v3' } });
    const plain = await stored('llama', 'v2');
    const { counts, findings } = await run();
    expect(inShort(findings)).toEqual(['unregistered llama v3', 'unregistered llama v2']);
    expect(findings).toMatchObject([
      { registration: { version: 'v3', kind: 'manifest' }, registered: false },
      {
        registration: { ...plain, kind: 'artifact', createdAt: expect.stringMatching(/^20.*Z$/) },
        message: 'models/llama v2 is in Bucket and in no row: register it as "llama@v2", or leave it.',
      },
    ]);
    expect(counts).toEqual({ ...NOTHING, artifacts: 1, rows: 1, unregistered: 2 });
    expect((await registry.listVersions('llama')).versions.length).toBe(1);
    for (const finding of findings) {
      if (finding.kind === 'unregistered' && finding.registration !== undefined)
        await registry.registerVersion(finding.registration);
    }
    expect((await run()).counts).toEqual({ ...NOTHING, artifacts: 1, rows: 3 });
    expect((await registry.getLatest('llama'))?.version).toBe('v2');
  });

  test('is registered where that is asked for', async () => {
    await storedAndRegistered('llama', 'v1');
    for (const version of ['v0', 'v2', 'v3']) await stored('llama', version);
    const { counts, findings } = await run({ register: true });
    expect(counts).toMatchObject({ unregistered: 3, registered: 3 });
    expect(findings.at(-1)).toMatchObject({
      registered: true,
      message: expect.stringMatching(/it is "llama@v3" now/),
    });
    const { versions } = await registry.listVersions('llama');
    expect(versions.map(({ version, registeredBy }) => [version, registeredBy])).toEqual(
      ['v3', 'v2', 'v0', 'v1'].map((version) => [version, 'trainer-7']),
    );
  });

  test('of a logical id that nothing is registered of is found where its artifact is named', async () => {
    const row = await stored('new', 'v1');
    expect((await run()).findings).toEqual([]);
    const artifacts = [{ bucketId: 'models', artifactId: 'new' }];
    const { findings } = await run({ artifacts });
    expect(findings).toMatchObject([{ kind: 'unregistered', registration: row }]);
    await run({ artifacts: [...artifacts, ...artifacts], register: true });
    expect((await run({ artifacts })).counts).toEqual({ ...NOTHING, artifacts: 1, rows: 1 });
  });

  test('is not offered where nobody can say what it is a version of', async () => {
    const row = await storedAndRegistered('shared', 'v1');
    await registry.registerVersion({ ...row, logicalId: 'other' });
    await stored('shared', 'v2');
    const { findings, counts } = await run({ register: true });
    expect(findings).toMatchObject([
      { registration: undefined, registered: false, message: expect.stringContaining('other, shared') },
    ]);
    expect(counts).toMatchObject({ unregistered: 1, registered: 0 });
  });

  test('is not offered under a name that is taken', async () => {
    const row = await storedAndRegistered('weights', 'v1');
    await registry.registerVersion({ ...row, version: 'v2', artifactId: 'elsewhere' });
    await registry.registerVersion({ ...row, logicalId: 'weights', version: 'v3' });
    await stored('weights', 'v2');
    const { findings } = await run({ artifactId: 'weights' });
    expect(findings.map(({ kind, message }) => [kind, message])).toEqual([
      ['missing', expect.stringContaining('"weights@v3"')],
      ['unregistered', expect.stringContaining('weights@v2 is registered for models/elsewhere')],
    ]);
  });

  test('is not offered where Bucket cannot give its bytes', async () => {
    await storedAndRegistered('llama', 'v1');
    const { bucketId, artifactId, version } = await stored('llama', 'v2');
    rmSync(room.transport.pathOf({ bucketId, artifactId, version }));
    const { findings } = await run({ register: true });
    expect(findings).toMatchObject([
      { registration: undefined, message: expect.stringContaining('cannot give its bytes') },
    ]);
  });

  test('and only heals another version is nothing to report', async () => {
    const bytes = bytesOf('shard', 5000);
    room.write('listed', { shard: bytes });
    const digest = await room.store(bytes, 'v1', 'shard');
    const row = {
      logicalId: 'shard',
      version: 'v1',
      bucketId: 'models',
      artifactId: 'shard',
      sizeBytes: 5000,
    };
    await registry.registerVersion({ ...row, digest });
    await room.storeJson({ shards: [{ name: 'shard', digest }] });
    room.flip('v1', 'shard', 5);
    expect((await room.heal(room.at('listed'))).healed.length).toBe(1);
    expect((await run()).findings).toEqual([]);
  });
});

describe('the conditions', () => {
  beforeEach(async () => {
    for (const name of ['llama-3', 'llama-4', 'phi']) remove(await storedAndRegistered(name, 'v1'));
    await registry.registerVersion({
      ...{ logicalId: 'phi', version: 'v2', bucketId: 'other', artifactId: 'phi', sizeBytes: 1 },
      digest: sha256(Buffer.from('x')),
    });
  });

  test.each<[Partial<ReconcileOptions>, string[]]>([
    [{ logicalId: 'phi' }, ['missing phi@v1', 'missing phi@v2']],
    [{ logicalIdPrefix: 'llama' }, ['missing llama-3@v1', 'missing llama-4@v1']],
    [{ bucketId: 'other' }, ['missing phi@v2']],
    [{ artifactId: 'llama-4' }, ['missing llama-4@v1']],
  ])('%p choose which artifacts are looked at', async (conditions, expected) => {
    expect(inShort((await run(conditions)).findings).toSorted()).toEqual(expected);
  });

  test.each<[Partial<ReconcileOptions>, string]>([
    [{ logicalId: 'a/b' }, 'logicalId'],
    [{ artifacts: [{ bucketId: 'b', artifactId: '..' }] }, 'artifacts[0].artifactId'],
  ])('%p are refused', async (conditions, field) => {
    await expect(run(conditions)).rejects.toMatchObject({ name: 'RegistryError', details: { field } });
  });
});

describe('while others write', () => {
  test('a version that is published between the list and the rows is not missing', async () => {
    const list = room.transport.listVersions.bind(room.transport);
    await storedAndRegistered('llama', 'v1');
    room.transport.listVersions = async (...given) => {
      const versions = await list(...given);
      await storedAndRegistered('llama', 'v2');
      return versions;
    };
    expect((await run()).findings).toEqual([]);
  });

  test('a row that is written after the rows were read counts', async () => {
    await storedAndRegistered('llama', 'v1');
    const late = await stored('llama', 'v2');
    const list = room.transport.listVersions.bind(room.transport);
    const search = registry.search.bind(registry);
    let listed = false;
    room.transport.listVersions = async (...given) => {
      listed = true;
      return list(...given);
    };
    registry.search = async (conditions) => {
      const page = await search(conditions);
      if (listed && conditions?.version === undefined) await registry.registerVersion(late);
      return page;
    };
    expect((await run({ register: true })).counts).toMatchObject({ unregistered: 0, registered: 0 });
  });
});

describe('a call that ends early', () => {
  test('by its signal', async () => {
    const signal = AbortSignal.abort(new Error('no more'));
    await storedAndRegistered('llama', 'v1');
    await expect(run({ signal })).rejects.toMatchObject({
      name: 'TransferError',
      code: 'aborted',
      cause: { message: 'no more' },
    });
  });

  test('by its signal, in the middle of many rows', async () => {
    for (let number = 0; number < 20; number += 1) remove(await storedAndRegistered('llama', `v${number}`));
    const controller = new AbortController();
    const findings: Finding[] = [];
    const onFinding = (finding: Finding) => {
      if (findings.push(finding) === 3) controller.abort();
    };
    await expect(run({ onFinding, signal: controller.signal })).rejects.toMatchObject({ code: 'aborted' });
    expect(findings.length).toBe(3);
  });

  test('by what it tells, or by the way to Bucket', async () => {
    remove(await storedAndRegistered('llama', 'v1'));
    const error = new Error('a full disk');
    await expect(run({ onFinding: () => Promise.reject(error) })).rejects.toBe(error);
    const refused = Object.assign(new Error('the token has expired'), { code: 'http_4xx' });
    room.transport.headArtifact = () => Promise.reject(refused);
    await expect(run()).rejects.toBe(refused);
  });
});
