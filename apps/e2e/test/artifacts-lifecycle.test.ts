import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { bytesFrom, digestOf } from '../src/artifacts/bytes.ts';
import { artifactFolder, storedFiles } from '../src/artifacts/data-folder.ts';
import { download } from '../src/artifacts/download.ts';
import { unsound } from '../src/artifacts/fsck.ts';
import { upload } from '../src/artifacts/upload.ts';
import { BucketProcess } from '../src/processes/bucket-process.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { withBucket } from '../src/processes/with-bucket.ts';

const name = { bucketId: 'b', artifactId: 'a', version: '1' };

/** The bytes in pieces; calls `half` in the middle and waits for it. */
async function* withPause(bytes: Buffer, half: () => Promise<void>): AsyncGenerator<Buffer> {
  const middle = bytes.length >> 1;
  yield bytes.subarray(0, middle);
  await half();
  yield bytes.subarray(middle);
}

describe('SIGTERM during an upload', () => {
  test('lets it end: 201, stored, exit status 0, nothing left behind', () =>
    withTempFolder(async (dataDir) => {
      const body = bytesFrom('drained', 8 * 2 ** 20);
      await withBucket({ dataDir }, async (bucket) => {
        const { status } = await upload(bucket.url, {
          name,
          digest: digestOf(body),
          size: body.length,
          body: withPause(body, async () => {
            bucket.kill('SIGTERM');
            await sleep(500);
          }),
        });
        expect(status).toBe(201);
        expect(await bucket.end).toEqual({ code: 0, signal: null });
      });
      expect((await storedFiles(dataDir)).temps).toEqual([]);
      await withBucket({ dataDir }, async ({ url }) => {
        expect(await download(url, name)).toMatchObject({ digest: digestOf(body), endedWell: true });
      });
    }));

  test(
    'gives up one that does not end: the process ends within 10 s, and nothing of it stays',
    () =>
      withTempFolder(async (dataDir) => {
        const body = bytesFrom('never ends', 2 ** 20);
        await withBucket({ dataDir }, async (bucket) => {
          const stop = new AbortController();
          const running = upload(bucket.url, {
            name,
            digest: digestOf(body),
            size: body.length,
            body: withPause(body, () => sleep(60_000, undefined, { signal: stop.signal })),
          });
          await sleep(300);
          const started = performance.now();
          const { code } = await bucket.stop();
          expect(performance.now() - started).toBeLessThan(10_000);
          expect(code).toBe(0);
          stop.abort();
          expect((await running).status).not.toBe(201);
        });
        expect(await storedFiles(dataDir)).toMatchObject({ temps: [], refs: [], blobs: [] });
      }),
    40_000,
  );

  test('a client that went away in the middle leaves nothing behind', () =>
    withTempFolder(async (dataDir) => {
      const body = bytesFrom('goes away', 2 ** 20);
      await withBucket({ dataDir }, async (bucket) => {
        const gone = new AbortController();
        const { status } = await upload(bucket.url, {
          name,
          digest: digestOf(body),
          size: body.length,
          signal: gone.signal,
          body: withPause(body, async () => {
            await sleep(200);
            gone.abort();
          }),
        });
        expect(status).toBeUndefined();
        const deadline = Date.now() + 5_000;
        while ((await storedFiles(dataDir)).temps.length > 0 && Date.now() < deadline) await sleep(20);
        expect(await storedFiles(dataDir)).toMatchObject({ temps: [], refs: [], blobs: [] });
      });
    }));
});

describe('a start', () => {
  test('on the folder of a running Bucket is refused, and harms that one nothing', () =>
    withTempFolder(async (dataDir) => {
      await withBucket({ dataDir }, async (first) => {
        const second = BucketProcess.spawn({ dataDir });
        expect(await second.listening()).toBe(false);
        expect((await second.end).code).toBe(1);
        expect(second.stderr).toContain('Another');
        expect(second.stderr).toContain('BUCKET_DATA_DIR');
        expect((await upload(first.url, { name, body: Buffer.from('x') })).status).toBe(201);
        expect((await first.stop()).code).toBe(0);
      });
    }));

  test('removes what a killed Bucket left in tmp, touches nothing else there, and is none the worse for it', () =>
    withTempFolder(async (dataDir) => {
      const tmp = join(artifactFolder(dataDir), 'tmp');
      await withBucket({ dataDir }, async (bucket) => {
        const body = bytesFrom('killed', 2 ** 20);
        await upload(bucket.url, {
          name,
          digest: digestOf(body),
          size: body.length,
          body: withPause(body, async () => {
            await sleep(200);
            bucket.kill('SIGKILL');
          }),
        });
      });
      expect(await readdir(tmp)).toHaveLength(1);
      await writeFile(join(tmp, 'notes.txt'), 'not from Bucket');
      await mkdir(join(tmp, 'folder'));

      await withBucket({ dataDir }, async ({ url, complaints }) => {
        expect((await readdir(tmp)).sort()).toEqual(['folder', 'notes.txt']);
        expect(complaints).toEqual([]);
        expect((await download(url, name)).status).toBe(404);
        expect((await upload(url, { name, body: Buffer.from('x') })).status).toBe(201);
      });
      // fsck tells both files, which are not Bucket's, and has nothing else against the folder.
      expect(await unsound(dataDir)).toEqual([
        expect.stringContaining('foreign_file'),
        expect.stringContaining('foreign_file'),
      ]);
    }));
});
