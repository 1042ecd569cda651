import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { bytesFrom, digestOf } from '../src/artifacts/bytes.ts';
import { storedFiles } from '../src/artifacts/data-folder.ts';
import { download, getText, listVersions } from '../src/artifacts/download.ts';
import { unsound } from '../src/artifacts/fsck.ts';
import { SteadyClients } from '../src/artifacts/steady-clients.ts';
import { type UploadAnswer, upload } from '../src/artifacts/upload.ts';
import { tmpfsMissing, withTmpfs } from '../src/durability/faults-of-disks.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { withBucket } from '../src/processes/with-bucket.ts';
import { engineTest } from './engine-test.ts';

const MIB = 2 ** 20;
const DISK_BYTES = 48 * MIB;
const FULL = { status: 507, body: { error: { code: 'disk_full' } } };

interface SmallDisk {
  readonly url: string;
  readonly dataDir: string;
  /** Leaves so many bytes free, as long as it lasts. */
  leave(bytes: number): Promise<void>;
  makeRoom(): Promise<void>;
}

/** Runs `use` with a Bucket on a disk of its own; afterwards it stops well, and fsck is content. */
async function onSmallDisk(use: (disk: SmallDisk) => Promise<void>, inodes?: number): Promise<void> {
  await withTempFolder((folder) =>
    withTmpfs(
      folder,
      DISK_BYTES,
      async () => {
        const dataDir = join(folder, 'data');
        const filler = join(folder, 'filler');
        await mkdir(dataDir);
        await withBucket({ dataDir }, async (bucket) => {
          await use({
            url: bucket.url,
            dataDir,
            async leave(bytes) {
              const { bavail, bsize } = await statfs(folder);
              await writeFile(filler, Buffer.alloc(bavail * bsize - bytes));
            },
            makeRoom: () => rm(filler),
          });
          expect((await bucket.stop()).code).toBe(0);
        });
        expect(await unsound(dataDir)).toEqual([]);
      },
      inodes,
    ),
  );
}

function send(url: string, version: string, size: number, isChunked = false): Promise<UploadAnswer> {
  const body = bytesFrom(`full-${version}`, size);
  const name = { bucketId: 'full', artifactId: 'a', version };
  return upload(url, { name, body, size: isChunked ? undefined : size });
}

async function nothingStays({ url, dataDir }: SmallDisk): Promise<void> {
  expect(await listVersions(url, { bucketId: 'full', artifactId: 'a' })).toEqual([]);
  expect(await storedFiles(dataDir)).toMatchObject({ temps: [], refs: [], blobs: [] });
}

describe('a disk that is really full', () => {
  engineTest(
    '507 for what does not fit by its length, for what turns out so, and for anything at all',
    tmpfsMissing(),
    () =>
      onSmallDisk(async (disk) => {
        await disk.leave(4 * MIB);
        expect(await send(disk.url, 'by-length', 8 * MIB)).toMatchObject(FULL);
        await nothingStays(disk);
        expect(await send(disk.url, 'chunked', 8 * MIB, true)).toMatchObject(FULL);
        await nothingStays(disk);
        await disk.makeRoom();
        await disk.leave(0);
        for (const size of [0, 1, 4_096])
          expect(await send(disk.url, `small-${size}`, size)).toMatchObject(FULL);
        await nothingStays(disk);
        expect((await getText(`${disk.url}/livez`)).status).toBe(200);

        await disk.makeRoom();
        for (const version of ['by-length', 'chunked']) {
          expect((await send(disk.url, version, 8 * MIB)).status).toBe(201);
          const read = await download(disk.url, { bucketId: 'full', artifactId: 'a', version });
          expect(read).toMatchObject({
            endedWell: true,
            digest: digestOf(bytesFrom(`full-${version}`, 8 * MIB)),
          });
        }
        expect((await getText(`${disk.url}/health`)).status).toBe(200);
      }),
  );

  engineTest(
    '8 clients fill it: what was acknowledged is there, the rest got 507 and is not',
    tmpfsMissing(),
    () =>
      onSmallDisk(async ({ url, dataDir }) => {
        const clients = new SteadyClients();
        await clients.run(url, 8, () => clients.refusals.length >= 40);
        expect(clients.refusedAs).toEqual(['507 disk_full']);
        expect(clients.ledger.acknowledged).toBeGreaterThan(50);
        expect(await clients.check(url)).toEqual([]);
        expect((await storedFiles(dataDir)).temps).toEqual([]);
      }),
  );

  engineTest('507 too where there is room and no more files can be made', tmpfsMissing(), () =>
    onSmallDisk(async (disk) => {
      const fillers: string[] = [];
      try {
        for (;;) {
          const path = join(disk.dataDir, `filler-${fillers.length}`);
          await writeFile(path, '');
          fillers.push(path);
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      }
      expect(await send(disk.url, 'no-inode', 100)).toMatchObject(FULL);
      expect(await send(disk.url, 'no-inode', 700_000, true)).toMatchObject(FULL);
      await nothingStays(disk);
      for (const path of fillers) await rm(path);
      expect((await send(disk.url, 'no-inode', 100)).status).toBe(201);
    }, 200),
  );
});
