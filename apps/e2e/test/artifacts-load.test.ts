import { describe, expect, test } from '@jest/globals';
import { storedFiles } from '../src/artifacts/data-folder.ts';
import { manyUploads } from '../src/artifacts/many-uploads.ts';
import { residentMemoryMissing } from '../src/artifacts/resident-memory.ts';
import { quickUploads, SlowClients } from '../src/artifacts/slow-clients.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { withBucket } from '../src/processes/with-bucket.ts';
import { engineTest } from './engine-test.ts';

const MIB = 2 ** 20;
const MOST_GROWTH = 96 * MIB;

engineTest(
  '8 uploads of 64 MiB at one time, and their downloads, cost at most 96 MiB of memory',
  residentMemoryMissing(),
  async () => {
    const { broken, grownBy } = await withTempFolder((dataDir) =>
      manyUploads({ dataDir, uploads: 8, size: 64 * MIB }),
    );
    expect(broken).toEqual([]);
    expect(grownBy.uploading).toBeLessThan(MOST_GROWTH);
    expect(grownBy.downloading).toBeLessThan(MOST_GROWTH);
  },
);

describe('100 clients that send one byte a second', () => {
  // After 1 byte they hold next to nothing, after 600,000 a buffer of the server each that is not full.
  test.each([1, 600_000])(
    'and %d bytes at once before that keep a quick one from nothing',
    (quickBytes) =>
      withTempFolder((dataDir) =>
        withBucket({ dataDir }, async (bucket) => {
          await quickUploads(bucket.url, 'warm', 3);
          const [, , alone = 0] = await quickUploads(bucket.url, 'alone', 5);
          const slow = await SlowClients.start(bucket.url, { count: 100, quickBytes });
          const [, , beside = 0] = await quickUploads(bucket.url, 'beside', 5);
          expect(slow.ended).toBe(0);
          slow.stop();
          // The medians: a slow day of the machine slows both.
          expect(beside).toBeLessThan(5 * alone + 250);
          expect((await bucket.stop()).code).toBe(0);
          expect((await storedFiles(dataDir)).temps).toEqual([]);
        }),
      ),
    60_000,
  );
});
