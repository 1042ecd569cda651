import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fetch, readManifest, verify } from '../../src/fetch/fetch.ts';
import type { ManifestRef } from '../../src/fetch/manifest-call.ts';
import type { VerifyProgress } from '../../src/fetch/verification.ts';
import { heal } from '../../src/heal/heal.ts';
import { type PublishOptions, type PublishProgress, publish } from '../../src/publish/publish.ts';
import { withAttempts } from '../../src/thread/attempts.ts';
import { MIB, noise, Room, sha256, treeIn } from '../helpers/transfers.ts';

let room: Room;
let source: string;
let common: PublishOptions;
let ref: ManifestRef;
beforeEach(() => {
  room = new Room();
  source = room.write('source', { a: noise('a', 3 * MIB), 'b/c': 'c', 'd/': '' });
  const { transport } = room;
  const names = { bucketId: 'models', version: 'v1' };
  common = {
    transport,
    source,
    ...names,
    logicalId: 'model',
    uploadedBy: 'trainer-7',
    provenanceSource: 'run-47',
  };
  ref = { transport, ...names, artifactId: 'model' };
});
afterEach(() => room.remove());

describe('publish, fetch and verify', () => {
  test('do their work in a thread of their own', async () => {
    const told: PublishProgress[] = [];
    const registered: unknown[] = [];
    const published = await publish({
      ...common,
      onProgress: (progress) => told.push(progress),
      register: async (row) => {
        expect(sha256(room.stored())).toBe(row.digest); // the manifest is there before the row
        registered.push(row);
      },
    });
    expect(published).toMatchObject({ bucketId: 'models', artifactId: 'model', version: 'v1', files: 2 });
    expect(registered).toEqual([published]);
    const bytes = 3 * MIB + 1;
    expect(told.at(-1)).toEqual({
      bytesTotal: bytes,
      bytesScanned: bytes,
      bytesReused: 0,
      bytesVerified: 0,
      bytesSent: bytes + published.size,
    });

    const { digest } = published;
    expect(await fetch({ ...ref, digest }, room.at('target'))).toMatchObject({
      digest,
      files: 2,
      bytesWritten: bytes,
    });
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
    expect(await verify({ ...ref, digest })).toMatchObject({
      digest,
      problems: [],
      packs: 1,
      bytesRead: bytes,
    });

    const earlier = async () => [await readManifest({ ...ref, digest })];
    const again = await publish({ ...common, version: 'v2', earlier });
    expect(again).toMatchObject({ digest, bytesReused: bytes, bytesSent: again.size });
  });

  test('heal too, with bytes from a folder', async () => {
    const { digest } = await publish(common);
    const [{ version }] = room.manifest().shards;
    room.flip(version, 'model.packs', 100);
    const actors = { uploadedBy: 'trainer-7', provenanceSource: 'run-47' };
    expect((await verify(ref)).problems.length).toBe(1);
    const told: VerifyProgress[] = [];
    const onProgress = (progress: VerifyProgress) => void told.push(progress);
    const healed = await heal({ ...ref, ...actors, digest, onProgress }, source);
    expect(healed).toMatchObject({ digest, problems: [], healed: [{ version }], packs: 1, files: 2 });
    expect(told.at(-1)).toEqual({ bytesTotal: 3 * MIB + 1, bytesRead: 3 * MIB + 1 });
    expect((await verify(ref)).problems).toEqual([]);
    await expect(heal({ ...ref, ...actors, uploadedBy: 'system' }, source)).rejects.toMatchObject({
      details: { field: 'uploadedBy' },
    });

    room.flip(version, 'model.packs', 200);
    expect(await publish({ ...common, verifyPacks: true })).toMatchObject({
      alreadyPublished: true,
      healed: [{ version, healedBy: `${version}.healed-2` }],
    });
  });

  test('leave the thread of the caller alone but for what is sent', async () => {
    room.write('source', { a: noise('a', 40 * MIB) });
    await publish(common);
    const before = performance.eventLoopUtilization();
    await publish({ ...common, version: 'v2', earlier: [room.stored()] }); // 40 MiB to read, a manifest to send
    // Work done here would make it nearly 1.
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.6);
  });

  test.each<[string, Partial<PublishOptions>]>([
    ['bucketId', { bucketId: 'a/b' }],
    ['logicalId', { logicalId: '' }],
    ['version', { version: 'a:b' }],
    ['uploadedBy', { uploadedBy: 'unknown' }],
    ['provenanceSource', { provenanceSource: 'a\nb' }],
    ['concurrency', { concurrency: 0 }],
  ])('refuse a bad %s before anything is done', async (field, bad) => {
    await expect(publish({ ...common, ...bad })).rejects.toMatchObject({
      name: 'RegistryError',
      details: { field },
    });
    expect(room.transport.counts).toMatchObject({ puts: 0, heads: 0 });
  });

  test('refuse a bad reference', async () => {
    await expect(fetch({ ...ref, artifactId: '..' }, room.at('t'))).rejects.toMatchObject({
      details: { field: 'artifactId' },
    });
    await expect(verify({ ...ref, digest: 'sha256:12' })).rejects.toMatchObject({
      details: { field: 'digest' },
    });
  });
});

describe('a failure', () => {
  test('of the transport comes out as the very error that it was', async () => {
    const error = Object.assign(new Error('the token has expired'), { code: 'http_4xx', status: 401 });
    room.transport.headArtifact = () => Promise.reject(error);
    const caught = await publish(common).catch((reason: unknown) => reason);
    expect(caught).toBe(error);
  });

  test('of the job comes out typed, with everything that it tells', async () => {
    await expect(publish({ ...common, source: room.at('nowhere') })).rejects.toMatchObject({
      name: 'TransferError',
      code: 'source_failed',
      details: { path: room.at('nowhere') },
      cause: expect.stringContaining('ENOENT'),
    });
    await publish(common);
    const [{ version }] = room.manifest().shards;
    room.transport.tamper = (bytes, ref) =>
      ref.version === version ? Buffer.alloc(bytes.byteLength) : bytes;
    await expect(fetch(ref, room.at('target'))).rejects.toMatchObject({
      code: 'digest_mismatch',
      details: { artifactId: 'model.packs', version, offset: 0, paths: ['a'] },
    });
  });

  test('of the thread itself is told', async () => {
    const workerUrl = new URL('../fixtures/no-such-worker.mjs', import.meta.url);
    await expect(publish({ ...common, workerUrl })).rejects.toMatchObject({ code: 'worker_failed' });
    const ends = new URL('data:text/javascript,process.exit(3)');
    await expect(publish({ ...common, workerUrl: ends })).rejects.toThrow('it ended with the code 3');
  });

  test('of register comes out, and the manifest stays', async () => {
    const error = new Error('the registry is closed');
    await expect(publish({ ...common, register: () => Promise.reject(error) })).rejects.toBe(error);
    expect(await publish(common)).toMatchObject({ alreadyPublished: true });
  });

  test('of what the caller is told with ends the call', async () => {
    const error = new Error('a bug in a progress bar');
    const onProgress = () => {
      throw error;
    };
    await publish(common);
    await expect(fetch({ ...ref, onProgress }, room.at('target'))).rejects.toBe(error);
  });
});

describe('a signal', () => {
  test('that was given before ends a call before it begins', async () => {
    const signal = AbortSignal.abort(new Error('no more'));
    await expect(publish({ ...common, signal })).rejects.toMatchObject({
      code: 'aborted',
      cause: { message: 'no more' },
    });
    expect(room.transport.counts).toMatchObject({ puts: 0, heads: 0 });
  });

  test.each(['publish', 'fetch', 'verify'] as const)('ends %s, and the next one goes on', async (what) => {
    if (what !== 'publish') await publish(common);
    room.transport.delayMs = 150;
    const controller = new AbortController();
    const { signal } = controller;
    const calls = {
      publish: () => publish({ ...common, signal }),
      fetch: () => fetch({ ...ref, signal }, room.at('target')),
      verify: () => verify({ ...ref, signal }),
    };
    const running = calls[what]();
    setTimeout(() => controller.abort(), 250);
    await expect(running).rejects.toMatchObject({ name: 'TransferError', code: 'aborted' });
    room.transport.delayMs = 0;
    await publish(common);
    await fetch(ref, room.at('target'));
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });
});

describe('a call that fails for a reason that passes', () => {
  const failing = (times: number, code: string) => {
    let calls = 0;
    return async () => {
      calls += 1;
      if (calls <= times) throw Object.assign(new Error(code), { code });
      return calls;
    };
  };

  test('is made again', async () => {
    expect(await withAttempts(failing(2, 'network'), undefined, [1, 1, 1])).toBe(3);
    expect(await withAttempts(failing(1, 'shutting_down'), new AbortController().signal, [1])).toBe(2);
  });

  test('is not made for ever, nor for another reason, nor after a signal', async () => {
    await expect(withAttempts(failing(4, 'network'), undefined, [1, 1, 1])).rejects.toMatchObject({
      code: 'network',
    });
    await expect(withAttempts(failing(1, 'version_exists'), undefined, [1])).rejects.toMatchObject({
      code: 'version_exists',
    });
    await expect(withAttempts(failing(1, 'network'), AbortSignal.abort(), [1])).rejects.toMatchObject({
      code: 'network',
    });
  });
});
