import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ArtifactError, BucketClient } from '@bhiv/bucket-client';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { BucketProcess } from '../src/processes/bucket-process.ts';

/* The client's artifact calls against a real Bucket in a process of its own. */

const REF = { bucketId: 'prod-models', artifactId: 'llama', version: 'v1' };
const UPLOAD = { ...REF, uploadedBy: 'cluster-5 漢字', provenanceSource: 'run-47' };
const MiB = 1024 * 1024;

const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

const cleanups: Array<() => unknown> = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bhiv-e2e-'));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true, force: true });
});

async function startBucket(env: Record<string, string> = {}): Promise<BucketProcess> {
  const bucket = await BucketProcess.start({ dataDir: join(folder, 'data'), env });
  cleanups.push(() => bucket.stop());
  return bucket;
}

/** The same Bucket again, where the client looks for it. */
const restart = (bucket: BucketProcess) => startBucket({ BUCKET_PORT: new URL(bucket.url).port });

function clientOf(url: string): BucketClient {
  const client = new BucketClient({ url });
  cleanups.push(() => client.close(100));
  return client;
}

async function kill(bucket: BucketProcess): Promise<void> {
  bucket.kill('SIGKILL');
  await bucket.end;
}

async function failureOf(call: Promise<unknown>): Promise<ArtifactError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ArtifactError) return error;
  throw new Error(`no ArtifactError: ${error}`);
}

/** Passes connections on to a Bucket, and tells what the client sent; `onAnswer` sees its answers first. */
async function proxyOf(bucket: BucketProcess, onAnswer: (data: Buffer, client: Socket) => boolean) {
  const seen = { bytes: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(bucket.url).port), '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    client.on('data', (data) => {
      seen.bytes += data.length;
      if (!upstream.write(data)) client.pause();
    });
    upstream.on('drain', () => client.resume());
    upstream.on('data', (data) => {
      if (onAnswer(data, client)) client.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, seen };
}

describe('a real Bucket', () => {
  test('stores every kind of source, and gives it back bit for bit', async () => {
    const client = clientOf((await startBucket()).url);
    const bytes = randomBytes(5 * MiB + 3);
    const path = join(folder, 'model.bin');
    await writeFile(path, bytes);
    const known = { digest: digestOf(bytes), size: bytes.length };
    const pieces = () => Readable.from([bytes.subarray(0, MiB), bytes.subarray(MiB)]);
    const metadata = {
      bucket_id: REF.bucketId,
      artifact_id: REF.artifactId,
      digest: known.digest,
      size_bytes: bytes.length,
      uploaded_by: UPLOAD.uploadedBy,
      provenance_source: UPLOAD.provenanceSource,
    };
    const createdAt = '2026-01-29T16:00:00+05:30';
    const uploads = [
      client.uploadArtifact({ ...UPLOAD, version: 'path', createdAt }, path),
      client.uploadArtifact({ ...UPLOAD, version: 'bytes' }, bytes),
      client.uploadArtifact({ ...UPLOAD, ...known, version: 'stream' }, pieces()),
      client.uploadArtifact({ ...UPLOAD, version: 'spool file' }, pieces(), { spool: folder }),
    ];
    for (const result of await Promise.all(uploads)) {
      expect(result).toMatchObject({ metadata, alreadyStored: false, warnings: [] });
      expect(await client.headArtifact({ ...REF, version: result.metadata.version })).toEqual(
        result.metadata,
      );
    }
    const versions = await client.listVersions(REF.bucketId, REF.artifactId);
    expect(versions.map(({ version }) => version).sort()).toEqual(['bytes', 'path', 'spool file', 'stream']);
    expect(versions.find(({ version }) => version === 'path')?.created_at).toBe(createdAt);
    for (const { version } of versions) {
      const target = join(folder, 'down.bin');
      expect(await client.downloadArtifact({ ...REF, version }, target)).toEqual(known);
      expect(bytes.equals(await readFile(target))).toBe(true);
      const range = { start: MiB - 5, end: 3 * MiB + 1 };
      const part = await client.readArtifact({ ...REF, version }, { range });
      expect(bytes.subarray(range.start, range.end).equals(part)).toBe(true);
    }
    expect((await readdir(folder)).sort()).toEqual(['data', 'down.bin', 'model.bin']);
  });

  test('stores empty artifacts, and small ones without asking first', async () => {
    const client = clientOf((await startBucket()).url);
    for (const size of [0, 1, 65_536]) {
      const bytes = randomBytes(size);
      const ref = { ...REF, version: `of ${size}` };
      await client.uploadArtifact({ ...UPLOAD, ...ref }, bytes, { allowEmpty: true });
      expect(bytes.equals(await client.readArtifact(ref))).toBe(true);
    }
  });

  test('knows no unknown versions and artifacts, and refuses what is not there or not the same', async () => {
    const client = clientOf((await startBucket()).url);
    expect(await client.headArtifact(REF)).toBeNull();
    expect(await client.listVersions(REF.bucketId, REF.artifactId)).toEqual([]);
    expect(await failureOf(client.readArtifact(REF))).toMatchObject({
      code: 'artifact_not_found',
      status: 404,
    });
    const bytes = randomBytes(1000);
    await client.uploadArtifact(UPLOAD, bytes);
    const wanted = `sha256:${'0'.repeat(64)}`;
    expect(await failureOf(client.readArtifact(REF, { digest: wanted }))).toMatchObject({
      code: 'digest_precondition_failed',
      expected: wanted,
      found: digestOf(bytes),
    });
    const range = { start: 1000, end: 1001 };
    expect(await failureOf(client.readArtifact(REF, { range }))).toMatchObject({
      code: 'range_not_satisfiable',
    });
  });

  test('says 409 and 413 before a byte of the body is sent', async () => {
    const bucket = await startBucket({ BUCKET_MAX_ARTIFACT_BYTES: '4MiB' });
    const { url, seen } = await proxyOf(bucket, () => true);
    const client = clientOf(url);
    const bytes = randomBytes(3 * MiB);
    expect(await client.uploadArtifact(UPLOAD, bytes)).toMatchObject({ alreadyStored: false });
    expect(seen.bytes).toBeGreaterThan(bytes.length);
    seen.bytes = 0;
    expect(await client.uploadArtifact(UPLOAD, bytes)).toMatchObject({ alreadyStored: true });
    const other = randomBytes(3 * MiB);
    expect(await failureOf(client.uploadArtifact(UPLOAD, other))).toMatchObject({
      code: 'version_exists',
      expected: digestOf(other),
      found: digestOf(bytes),
    });
    const large = client.uploadArtifact({ ...UPLOAD, version: 'large' }, Buffer.alloc(4 * MiB + 1));
    expect(await failureOf(large)).toMatchObject({ code: 'artifact_too_large', expected: 4 * MiB });
    expect(seen.bytes).toBeLessThan(4000);
  });
});

describe('when something goes wrong', () => {
  test('an answer that got lost: the second try tells that the bytes are there', async () => {
    const bucket = await startBucket();
    let cut = true;
    const { url } = await proxyOf(bucket, (data, client) => {
      if (!cut || !data.includes('201 Created')) return true;
      cut = false;
      client.destroy();
      return false;
    });
    const client = clientOf(url);
    const bytes = randomBytes(2 * MiB);
    expect(await failureOf(client.uploadArtifact(UPLOAD, bytes))).toMatchObject({
      code: 'network',
      message: expect.stringContaining('they may be stored: upload them again'),
    });
    const { alreadyStored, metadata } = await client.uploadArtifact(UPLOAD, bytes);
    expect([alreadyStored, metadata.digest]).toEqual([true, digestOf(bytes)]);
  });

  test('Bucket is killed in the middle of uploads: they can be sent again, and never meet a false conflict', async () => {
    let bucket = await startBucket();
    const client = clientOf(bucket.url);
    const path = join(folder, 'model.bin');
    const bytes = randomBytes(24 * MiB);
    await writeFile(path, bytes);
    for (let round = 0; round < 3; round++) {
      let killed = false;
      const onProgress = ({ phase, bytes: sent }: { phase: string; bytes: number }) => {
        if (killed || phase !== 'sending' || sent < (round + 1) * 5 * MiB) return;
        killed = true;
        bucket.kill('SIGKILL');
      };
      const names = [0, 1, 2].map((n) => ({ ...UPLOAD, version: `${round}-${n}` }));
      const outcomes = await Promise.allSettled(
        names.map((name) => client.uploadArtifact(name, path, { onProgress })),
      );
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'network' });
      }
      await bucket.end;
      bucket = await restart(bucket);
      const again = await Promise.all(names.map((name) => client.uploadArtifact(name, path)));
      for (const { metadata } of again) expect(metadata.digest).toBe(digestOf(bytes));
    }
  });

  test('Bucket is killed in the middle of a download, and started again: it goes on where it was', async () => {
    let bucket = await startBucket();
    const client = clientOf(bucket.url);
    const bytes = randomBytes(64 * MiB);
    await client.uploadArtifact(UPLOAD, bytes);
    const target = join(folder, 'down.bin');
    let restarted: Promise<void> | undefined;
    const received: number[] = [];
    const onProgress = ({ bytes: so_far }: { bytes: number }) => {
      received.push(so_far);
      if (so_far < 8 * MiB) return;
      restarted ??= kill(bucket).then(async () => {
        bucket = await restart(bucket);
      });
    };
    const download = client.downloadArtifact(REF, target, { onProgress });
    expect(await download).toEqual({ digest: digestOf(bytes), size: bytes.length });
    await restarted;
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(bytes.equals(await readFile(target))).toBe(true);
  });

  test('one flipped byte on Bucket’s disk: the old file stays, the rest of the service goes on', async () => {
    const bucket = await startBucket();
    const client = clientOf(bucket.url);
    const bytes = randomBytes(3 * MiB);
    await client.uploadArtifact(UPLOAD, bytes);
    const hex = digestOf(bytes).slice('sha256:'.length);
    const files = await readdir(join(folder, 'data'), { recursive: true });
    const blob = join(folder, 'data', files.find((name) => name.endsWith(hex)) ?? '');
    const handle = await open(blob, 'r+');
    await handle.write(Buffer.from([(bytes[2 * MiB] ?? 0) ^ 1]), 0, 1, 2 * MiB);
    await handle.close();
    const target = join(folder, 'down.bin');
    await writeFile(target, 'old');
    const error = await failureOf(client.downloadArtifact(REF, target));
    expect(['digest_mismatch', 'artifact_corrupt']).toContain(error.code);
    expect(await readFile(target, 'utf8')).toBe('old');
    expect((await readdir(folder)).sort()).toEqual(['data', 'down.bin']);
    expect(await client.headArtifact(REF)).toMatchObject({ digest: digestOf(bytes) });
    await client.uploadArtifact({ ...UPLOAD, version: 'healed' }, bytes);
    await client.downloadArtifact(REF, target);
    expect(bytes.equals(await readFile(target))).toBe(true);
  });
});

test('hundreds of versions are listed', async () => {
  const client = clientOf((await startBucket()).url);
  const count = 600;
  const names = Array.from({ length: count }, (_, n) => `v${n}`);
  const queue = [...names];
  const work = async () => {
    for (let version = queue.pop(); version !== undefined; version = queue.pop()) {
      await client.uploadArtifact({ ...UPLOAD, version }, Buffer.from(version));
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
  const versions = await client.listVersions(REF.bucketId, REF.artifactId);
  expect(versions.map(({ version }) => version).sort()).toEqual(names.sort());
  for (const { version, digest } of versions) expect(digest).toBe(digestOf(Buffer.from(version)));
});

test('the memory of a client does not grow with what it uploads', async () => {
  const { url } = await startBucket();
  const path = join(folder, 'model.bin');
  await writeFile(path, Buffer.alloc(64 * MiB, randomBytes(1 << 20)));
  const script = join(folder, 'uploads.mjs');
  await writeFile(
    script,
    `
    import { BucketClient } from ${JSON.stringify(import.meta.resolve('@bhiv/bucket-client'))};
    const client = new BucketClient({ url: '${url}' });
    const upload = ${JSON.stringify(UPLOAD)};
    await client.uploadArtifact({ ...upload, version: 'first' }, Buffer.alloc(1_000_000));
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = setInterval(() => { most = Math.max(most, process.memoryUsage.rss()); }, 20);
    await Promise.all(Array.from({ length: 16 }, (_, n) => client.uploadArtifact({ ...upload, version: 'n' + n }, ${JSON.stringify(path)})));
    clearInterval(watch);
    process.send((most - before) / 2 ** 20);
    process.disconnect();`,
  );
  const child = fork(script);
  const [grownMiB] = await once(child, 'message');
  await once(child, 'exit');
  expect(grownMiB).toBeLessThan(64);
});
