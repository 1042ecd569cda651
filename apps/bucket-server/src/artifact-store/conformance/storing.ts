import type { Suite } from './harness.ts';
import { inPieces, put, read, sampleBlob, sampleOf } from './samples.ts';

/** Sizes at which a driver may change its ways: pieces, buffers, parts. */
const SIZES = [0, 1, 4096, 65_535, 65_536, 65_537, 524_288, 524_289, 3_333_333, 20_000_000];

/** What `putBlob`, `get` and `stat` promise when all goes well, and how damage heals. */
export function testStoring({ describe, storeTest, expect }: Suite): void {
  describe('blobs', () => {
    storeTest('of any size come back as they were', async ({ store, leftBehind }) => {
      for (const size of SIZES) {
        const blob = sampleBlob(size);
        expect(await put(store, blob)).toEqual({ size });
        expect(await store.stat(blob.key)).toEqual({ size });
        expect((await read(store, blob.key))?.equals(blob.bytes)).toBe(true);
      }
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('in pieces of any length, of a size that nobody has said', async ({ store }) => {
      for (const length of [1, 7, 65_535, 65_537, 1_000_000]) {
        const blob = sampleBlob(length === 1 ? 70_000 : 1_300_000);
        const claim = { ...blob.claim, size: undefined };
        const stored = await store.putBlob(blob.key, inPieces(blob.bytes, length), claim);
        expect(stored.size).toBe(blob.bytes.length);
        expect((await read(store, blob.key))?.equals(blob.bytes)).toBe(true);
      }
    });

    storeTest('that are as large as they may be', async ({ store }) => {
      const blob = sampleBlob(100_000);
      await store.putBlob(blob.key, inPieces(blob.bytes), { ...blob.claim, maxBytes: 100_000 });
      expect(await store.stat(blob.key)).toEqual({ size: 100_000 });
    });

    storeTest('are read by ranges', async ({ store }) => {
      const { key, bytes } = await stored(store, 2_000_000);
      const ranges = [
        { start: 0, end: 1 },
        { start: 0, end: 2_000_000 },
        { start: 1_999_999, end: 2_000_000 },
        { start: 65_535, end: 65_537 },
        { start: 123_456, end: 1_654_321 },
      ];
      for (const range of ranges) {
        const found = await read(store, key, range);
        expect(found?.equals(bytes.subarray(range.start, range.end))).toBe(true);
      }
      const object = await store.get(key, { start: 5, end: 10 });
      expect(object?.size).toBe(2_000_000);
      await object?.close();
    });

    storeTest('are read by many at once, and by some who leave early', async ({ store }) => {
      const { key, bytes } = await stored(store, 3_000_000);
      const readers = Array.from({ length: 40 }, async (_, number) => {
        if (number % 4 > 0) return (await read(store, key))?.equals(bytes);
        const object = await store.get(key);
        if (number % 8 > 0) await object?.close();
        else for await (const piece of object?.pieces ?? []) if (piece.length > 0) break;
        return true;
      });
      expect(await Promise.all(readers)).toEqual(Array(40).fill(true));
    });

    storeTest('a piece stays as it is until the second one after it is asked for', async ({ store }) => {
      const { key, bytes } = await stored(store, 4_000_000);
      const object = await store.get(key);
      let previous: { piece: Uint8Array; start: number } | undefined;
      let start = 0;
      for await (const piece of object?.pieces ?? []) {
        if (previous !== undefined) {
          const expected = bytes.subarray(previous.start, previous.start + previous.piece.length);
          expect(expected.equals(previous.piece)).toBe(true);
        }
        previous = { piece, start };
        start += piece.length;
      }
      expect(start).toBe(bytes.length);
    });

    storeTest('that are not there', async ({ store }) => {
      const { key } = sampleBlob(10);
      expect(await store.stat(key)).toBe(null);
      expect(await store.get(key)).toBe(null);
    });

    storeTest('putting the same bytes again, or many times at once, changes nothing', async (underTest) => {
      const { store, leftBehind } = underTest;
      const blobs = [sampleBlob(0), sampleBlob(10), sampleBlob(700_000)];
      await Promise.all(blobs.flatMap((blob) => Array.from({ length: 8 }, () => put(store, blob))));
      for (const blob of blobs) {
        await put(store, blob);
        expect((await read(store, blob.key))?.equals(blob.bytes)).toBe(true);
      }
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('damaged ones are healed by the right bytes', async ({ store, rot }) => {
      for (const kind of ['flipped', 'truncated', 'grown', 'missing'] as const) {
        for (const size of [5000, 900_000]) {
          const blob = await stored(store, size);
          await rot(blob.key, kind);
          await put(store, blob);
          expect((await read(store, blob.key))?.equals(blob.bytes)).toBe(true);
        }
      }
    });

    storeTest('one that became shorter while it is read is an error, not an end', async ({ store, rot }) => {
      const blob = await stored(store, 2_000_000);
      const object = await store.get(blob.key);
      await rot(blob.key, 'truncated');
      let received = 0;
      let code: unknown;
      try {
        for await (const piece of object?.pieces ?? []) received += piece.length;
      } catch (error) {
        code = typeof error === 'object' && error !== null && 'code' in error ? error.code : error;
      }
      // An engine may have had all of it already, or gives the old bytes to who has begun.
      expect(received === blob.bytes.length ? 'damaged' : code).toBe('damaged');
    });

    storeTest('are there after opening anew', async ({ store, reopen }) => {
      const blobs = [sampleOf(Buffer.from('')), sampleBlob(100), sampleBlob(1_000_000)];
      for (const blob of blobs) await put(store, blob);
      const again = await reopen();
      for (const blob of blobs) expect((await read(again, blob.key))?.equals(blob.bytes)).toBe(true);
    });
  });

  async function stored(store: Parameters<typeof put>[0], size: number) {
    const blob = sampleBlob(size);
    await put(store, blob);
    return blob;
  }
}
