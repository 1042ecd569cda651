import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect } from '@jest/globals';
import { bytesFrom, digestOf } from '../src/artifacts/bytes.ts';
import { refPath, storedFiles } from '../src/artifacts/data-folder.ts';
import { download, listVersions } from '../src/artifacts/download.ts';
import { unsound } from '../src/artifacts/fsck.ts';
import { SteadyClients } from '../src/artifacts/steady-clients.ts';
import { upload } from '../src/artifacts/upload.ts';
import { Disturbance, straceMissing } from '../src/durability/strace.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { withBucket } from '../src/processes/with-bucket.ts';
import { engineTest } from './engine-test.ts';

const MAKING = ['mkdir', 'pwrite64', 'fsync', 'fdatasync', 'rename', 'link', 'linkat'];

/** Uploads through a disk that fails now and then, until a SIGKILL. */
async function uploadInTrouble(dataDir: string, error: string): Promise<SteadyClients> {
  const clients = new SteadyClients();
  await withBucket({ dataDir }, async (bucket) => {
    // In each thread the 5th of these calls, the 16th, the 27th ...: uploads break off everywhere.
    const effect = `error=${error}:when=5+11`;
    const trouble = await Disturbance.start({ pid: bucket.pid, paths: [], calls: MAKING, effect });
    try {
      const until = Date.now() + 2_000;
      await clients.run(bucket.url, 8, () => Date.now() > until);
      expect(bucket.isAlive).toBe(true);
    } finally {
      bucket.kill('SIGKILL');
      await bucket.end; // before the trouble's: a tracer that lets go of a dying process may hang
      await trouble.end();
    }
  });
  return clients;
}

describe('a disk that fails now and then, under 8 clients', () => {
  for (const [error, refusal] of [
    ['EIO', '503 engine_unavailable'],
    ['ENOSPC', '507 disk_full'],
  ] as const) {
    const title = `${error}: what was acknowledged is stored, what was refused is not, after a SIGKILL too`;
    engineTest(title, straceMissing(), () =>
      withTempFolder(async (dataDir) => {
        const clients = await uploadInTrouble(dataDir, error);
        expect(clients.ledger.acknowledged).toBeGreaterThan(10);
        expect(clients.refusedAs).toEqual([refusal]);
        await withBucket({ dataDir }, async (next) => {
          expect(await clients.check(next.url)).toEqual([]);
          expect((await storedFiles(dataDir)).temps).toEqual([]);
          expect((await next.stop()).code).toBe(0);
        });
        expect(await unsound(dataDir)).toEqual([]);
      }),
    );
  }
});

describe('a ref that can neither be made durable nor be taken back', () => {
  const artifact = { bucketId: 'b', artifactId: 'a' };
  const doubtful = { ...artifact, version: 'doubtful' };
  const body = bytesFrom('doubtful', 3_000);

  engineTest('is not spoken of until the next start, and everything else goes on', straceMissing(), () =>
    withTempFolder(async (folder) => {
      const dataDir = await realpath(folder);
      await withBucket({ dataDir }, async (bucket) => {
        const { url } = bucket;
        const before = { ...artifact, version: 'before' };
        expect((await upload(url, { name: before, body })).status).toBe(201);

        const ref = refPath(dataDir, doubtful);
        const trouble = await Disturbance.start({
          pid: bucket.pid,
          paths: [ref, dirname(ref)],
          calls: ['fsync', 'unlink', 'unlinkat'],
          effect: 'error=EIO',
        });
        const { status } = await upload(url, { name: doubtful, body });
        await trouble.end();
        expect(status).toBe(503);

        // The disk works again, and still nobody knows: neither that it is there for good nor that it is not.
        expect((await download(url, doubtful)).status).toBe(503);
        expect((await upload(url, { name: doubtful, body })).status).toBe(503);
        expect((await download(url, before)).digest).toBe(digestOf(body));
        expect((await upload(url, { name: { ...artifact, version: 'after' }, body })).status).toBe(201);
        expect((await upload(url, { name: { ...doubtful, artifactId: 'other' }, body })).status).toBe(201);
        expect((await bucket.stop()).code).toBe(0);
      });

      await withBucket({ dataDir }, async ({ url }) => {
        expect(await download(url, doubtful)).toMatchObject({ status: 200, digest: digestOf(body) });
        expect(await listVersions(url, artifact)).toHaveLength(3);
      });
      expect(await unsound(dataDir)).toEqual([]);
    }),
  );
});
