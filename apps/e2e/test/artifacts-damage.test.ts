import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { bytesFrom, digestOf } from '../src/artifacts/bytes.ts';
import { countedOnRead, type Damage, damages } from '../src/artifacts/damage.ts';
import { blobPath } from '../src/artifacts/data-folder.ts';
import { download, getText, listVersions } from '../src/artifacts/download.ts';
import { fsck, unsound } from '../src/artifacts/fsck.ts';
import { versionPathOf } from '../src/artifacts/names.ts';
import { upload } from '../src/artifacts/upload.ts';
import type { BucketProcess, LogLine } from '../src/processes/bucket-process.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { withBucket } from '../src/processes/with-bucket.ts';

/** Empty, one byte, read in one go, in several pieces, in many. */
const SIZES = [0, 1, 4_096, 70_000, 5 * 2 ** 20];

interface Case {
  readonly size: number;
  readonly damage: Damage;
  readonly body: Buffer;
  readonly artifact: { readonly bucketId: string; readonly artifactId: string };
}

const cases: Case[] = SIZES.flatMap((size, row) =>
  damages
    .filter((damage) => damage.fits(size))
    .map((damage, column) => ({
      size,
      damage,
      // Different bytes each, though a byte has 256 values only and nothing has one.
      body: size === 1 ? Buffer.of(column) : bytesFrom(`damage-${row}-${column}`, size),
      artifact: { bucketId: 'damaged', artifactId: `a-${row}-${column}` },
    })),
).filter(({ size, damage }) => size > 0 || damage.title === 'one byte more');

function inNewFolder(use: (bucket: BucketProcess, dataDir: string) => Promise<void>): Promise<void> {
  return withTempFolder((dataDir) => withBucket({ dataDir }, (bucket) => use(bucket, dataDir)));
}

/** pino's number of the level `error`. */
const isError = ({ level }: LogLine) => level >= 50;

describe('stored bytes that were damaged behind its back', () => {
  test(
    'are never served whole, are found by fsck, are counted, and are healed by the next upload',
    () =>
      inNewFolder(async ({ url }, dataDir) => {
        for (const { artifact, body } of cases) {
          const { status } = await upload(url, { name: { ...artifact, version: '1' }, body });
          expect(status).toBe(201);
        }
        for (const { damage, body, size } of cases)
          await damage.apply(blobPath(dataDir, digestOf(body)), size);

        for (const { artifact, damage, size } of cases) {
          const title = `${size} bytes, ${damage.title}`;
          const name = { ...artifact, version: '1' };
          const read = await download(url, name);
          // Either an error before the first byte, or a connection that breaks before the last.
          if (read.status === 200) {
            expect([title, read.endedWell, read.size < size]).toEqual([title, false, true]);
          } else {
            expect([title, read.status]).toEqual([title, 500]);
            const { text } = await getText(`${url}${versionPathOf(name)}`);
            expect(JSON.parse(text)).toMatchObject({ error: { code: 'artifact_corrupt' } });
          }
          const head = await getText(`${url}${versionPathOf(name)}`, 'HEAD');
          expect([title, head.status]).toEqual([title, 200]);
          expect(await listVersions(url, artifact)).toHaveLength(1);
        }
        expect(await countedOnRead(url)).toBeGreaterThanOrEqual(cases.length);

        const { code, findings } = await fsck(dataDir);
        expect(code).toBe(1);
        const found = findings.map(({ path, message }) => `${path} ${message}`).join('\n');
        const missed = cases.filter(({ body }) => !found.includes(digestOf(body).slice('sha256:'.length)));
        expect(missed.map(({ size, damage }) => `${size} bytes, ${damage.title}`)).toEqual([]);

        for (const { artifact, body } of cases) {
          const again = await upload(url, { name: { ...artifact, version: '1' }, body });
          expect(again.status).toBe(409); // the version is there, and comes before any byte is read
          const { status } = await upload(url, { name: { ...artifact, version: '2' }, body });
          expect(status).toBe(201);
          for (const version of ['1', '2']) {
            const healed = await download(url, { ...artifact, version });
            expect(healed).toMatchObject({ status: 200, endedWell: true, digest: digestOf(body) });
          }
        }
        expect(await unsound(dataDir)).toEqual([]);
      }),
    60_000,
  );

  test('break the connection when they are damaged while somebody reads them', () =>
    inNewFolder(async ({ url, log }, dataDir) => {
      const size = 64 * 2 ** 20;
      const body = bytesFrom('damaged while it is read', size);
      const name = { bucketId: 'damaged', artifactId: 'slowly', version: '1' };
      expect((await upload(url, { name, body })).status).toBe(201);
      const lastFlipped = damages.find(({ title }) => title === 'the last byte flipped');

      const read = await download(url, name, {
        onBegin: () => lastFlipped?.apply(blobPath(dataDir, digestOf(body)), size),
      });
      expect(read).toMatchObject({ status: 200, endedWell: false });
      expect(read.size).toBeLessThan(size);
      expect(await countedOnRead(url)).toBe(1);
      const deadline = Date.now() + 5_000; // the line comes through a pipe
      while (!log.some(isError) && Date.now() < deadline) await sleep(20);
      expect(log.filter(isError)).toHaveLength(1);
    }));
});
