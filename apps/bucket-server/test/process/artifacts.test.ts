import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf, download, storedFiles, upload, uploadHeaders } from '../helpers/artifacts.ts';
import { blobPath, flipBit } from '../helpers/damage.ts';
import { RawConnection, send } from '../helpers/http.ts';
import { type Program, spawnProgram, startBucketProcess } from '../helpers/spawn-bucket.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
});
afterEach(() => remove());

async function stop(bucket: Program): Promise<void> {
  bucket.child.kill('SIGTERM');
  expect((await bucket.ended).code).toBe(0);
}

function fsck(...args: string[]) {
  return spawnProgram({ args: ['fsck', ...args], env: { BUCKET_DATA_DIR: folder } }).ended;
}

describe('a Bucket with artifacts', () => {
  test('keeps them over a stop and over a kill, and serves them as they were', async () => {
    const bytes = randomBytes(3_000_000);
    const first = await startBucketProcess(folder);
    expect((await upload(first.port, bytes)).status).toBe(201);
    await stop(first);
    const second = await startBucketProcess(folder);
    expect((await upload(second.port, 'small', { 'X-Artifact-Version': 'v2' })).status).toBe(201);
    second.child.kill('SIGKILL');
    await second.ended;
    const third = await startBucketProcess(folder);
    expect((await download(third.port)).bytes.equals(bytes)).toBe(true);
    expect((await download(third.port, {}, '/v1/b/a?version=v2')).text).toBe('small');
    await stop(third);
  });

  test('the settings are kept: the largest artifact, and reading without verification', async () => {
    const env = { BUCKET_MAX_ARTIFACT_BYTES: '10KiB', BUCKET_VERIFY_ON_READ: 'false' };
    const bucket = await startBucketProcess(folder, { env });
    const bytes = randomBytes(10 * 1024);
    expect((await upload(bucket.port, bytes)).status).toBe(201);
    const larger = await upload(bucket.port, randomBytes(10 * 1024 + 1), { 'X-Artifact-Version': 'v2' });
    expect([larger.status, larger.body.error.details]).toEqual([413, { limit_bytes: 10_240 }]);
    await flipBit(blobPath(folder, digestOf(bytes)), 3);
    expect((await download(bucket.port)).status).toBe(200);
    await stop(bucket);
  });

  test('a stop lets an upload in flight end, cuts off one that does not, and leaves nothing of it', async () => {
    const bucket = await startBucketProcess(folder);
    const bytes = randomBytes(3_000_000);
    const open = (version: string) => {
      const more = { 'X-Artifact-Version': version, 'Content-Length': String(bytes.length) };
      const lines = Object.entries(uploadHeaders(bytes, more)).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      return new RawConnection(bucket.port).write(
        `PUT /v1/b/a HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`,
      );
    };
    const quick = open('quick').write(bytes.subarray(0, 2_000_000));
    const slow = open('slow').write(bytes.subarray(0, 2_000_000));
    while ((await storedFiles(folder)).length < 2) await delay(10);
    bucket.child.kill('SIGTERM');
    await delay(300);
    quick.write(bytes.subarray(2_000_000));
    expect(await quick.closed()).toMatch(/^HTTP\/1\.1 201 /);
    expect(await slow.closed()).toBe('');
    expect((await bucket.ended).code).toBe(0);
    expect((await storedFiles(folder)).map((file) => file.split('/')[0])).toEqual(['blobs', 'refs']);
  });

  test('/metrics knows the process too', async () => {
    const bucket = await startBucketProcess(folder);
    const { text } = await send(bucket.port, '/metrics');
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
    await stop(bucket);
  });
});

describe('bucket-server fsck', () => {
  test('status 0 while all is well, beside a Bucket; 1 with the damage named; healed by an upload', async () => {
    const bytes = randomBytes(100_000);
    const bucket = await startBucketProcess(folder);
    await upload(bucket.port, bytes);
    const clean = await fsck();
    expect([clean.code, clean.stdout]).toEqual([
      0,
      expect.stringMatching(/1 artifacts, 1 blobs, 100000 bytes/),
    ]);
    await flipBit(blobPath(folder, digestOf(bytes)), 50_000);
    const damaged = await fsck();
    expect([damaged.code, damaged.stdout]).toEqual([1, expect.stringMatching(/damaged_blob .*DAMAGED/s)]);
    await upload(bucket.port, bytes, { 'X-Artifact-Version': 'v2' });
    expect((await fsck()).code).toBe(0);
    const refused = await fsck('--remove-orphans');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Another process works in')]);
    await stop(bucket);
    expect((await fsck('--remove-orphans')).code).toBe(0);
  });

  test('--help, and an option that it does not know', async () => {
    const help = await fsck('--help');
    expect([help.code, help.stderr, help.stdout]).toEqual([
      0,
      '',
      expect.stringContaining('--remove-orphans'),
    ]);
    const unknown = await fsck('--repair');
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringMatching(/--repair.*Usage: bucket-server fsck/s),
    ]);
  });
});

describe('BUCKET_SCRUB', () => {
  test('finds damage by itself, logs and counts it', async () => {
    const bytes = randomBytes(100_000);
    const before = await startBucketProcess(folder);
    await upload(before.port, bytes);
    await stop(before);
    await flipBit(blobPath(folder, digestOf(bytes)), 7);
    const bucket = await startBucketProcess(folder, { env: { BUCKET_SCRUB: '1' } });
    const isPass = (line: Readonly<Record<string, unknown>>) => line.blobs === 1 && line.artifacts === 1;
    while (!bucket.logLines().some(isPass)) await delay(20);
    const key = blobPath('', digestOf(bytes)).replace('artifacts/', '');
    expect(bucket.logLines()).toContainEqual(
      expect.objectContaining({ level: 50, kind: 'damaged_blob', key }),
    );
    const { text } = await send(bucket.port, '/metrics');
    expect(text).toContain('bucket_artifact_scrub_damage_total{kind="damaged_blob"} 1');
    await stop(bucket);
    expect((await fsck()).stdout).not.toContain('foreign_file');
  });
});
