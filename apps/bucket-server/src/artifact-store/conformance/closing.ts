import { refKey, refPrefix } from '../keys.ts';
import type { Suite } from './harness.ts';
import { codeOfRejection, inPieces, put, readList, readRefs, sampleBlob, stallingAfter } from './samples.ts';

/** Listings of blobs, health, and what `close` promises. */
export function testClosing({ describe, storeTest, expect }: Suite): void {
  describe('listings of blobs', () => {
    storeTest('every blob, in pages, with its size', async ({ store }) => {
      const blobs = Array.from({ length: 120 }, (_, size) => sampleBlob(size + 20));
      await Promise.all(blobs.map((blob) => put(store, blob)));
      const { sizes } = await readList(store, 'blobs/');
      expect(sizes).toEqual(new Map(blobs.map(({ key, bytes }) => [key, bytes.length])));
      const [first] = blobs;
      const prefix = (first?.key ?? '').slice(0, 'blobs/sha256/ab/'.length);
      const within = [...(await readList(store, prefix)).sizes.keys()];
      expect(within.sort()).toEqual([...sizes.keys()].filter((key) => key.startsWith(prefix)).sort());
    });

    storeTest('nothing under a prefix that nothing has', async ({ store }) => {
      expect((await readList(store, 'blobs/sha256/00/')).pages).toBe(0);
      expect((await readList(store, 'refs/')).pages).toBe(0);
    });
  });

  describe('health and room', () => {
    storeTest('an idle store and a busy one are healthy', async ({ store, leftBehind }) => {
      expect(await store.health()).toBe('healthy');
      await put(store, sampleBlob(1000));
      expect(await store.health()).toBe('healthy');
      const free = await store.freeBytes();
      expect(free === null || free > 0).toBe(true);
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('wrong bytes of a client say nothing about the store', async ({ store }) => {
      const blob = sampleBlob(1000);
      await codeOfRejection(store.putBlob(blob.key, inPieces(sampleBlob(1000).bytes), blob.claim));
      expect(await store.health()).toBe('healthy');
    });
  });

  describe('close', () => {
    storeTest('ends uploads in flight, and they leave nothing', async ({ store, reopen, leftBehind }) => {
      const blobs = [sampleBlob(100), sampleBlob(2_000_000)];
      const uploads = blobs.map(({ key, bytes, claim }) => {
        const { pieces, stalls } = stallingAfter(bytes);
        return { stalls, outcome: codeOfRejection(store.putBlob(key, pieces, claim)) };
      });
      await Promise.all(uploads.map(({ stalls }) => stalls));
      const again = await reopen();
      expect(await Promise.all(uploads.map(({ outcome }) => outcome))).toEqual(['closed', 'closed']);
      for (const { key } of blobs) expect(await again.stat(key)).toBe(null);
      expect(await leftBehind()).toEqual([]);
    });

    storeTest(
      'what was being committed is committed or fails, and what was told stays',
      async (underTest) => {
        const { store, reopen } = underTest;
        const key = (number: number) => refKey({ bucketId: 'b', artifactId: 'a', version: String(number) });
        const creating = Array.from({ length: 20 }, (_, number) =>
          store.createRef(key(number), Buffer.from('{}')).then(
            () => true,
            () => false,
          ),
        );
        const again = await reopen();
        for (const [number, isCreated] of (await Promise.all(creating)).entries()) {
          if (isCreated) expect(await again.readRef(key(number))).toEqual(Buffer.from('{}'));
        }
      },
    );

    storeTest('afterwards everything is refused', async ({ store }) => {
      await put(store, sampleBlob(100));
      await Promise.all([store.close(), store.close()]);
      await store.close();
      const blob = sampleBlob(10);
      const key = refKey({ bucketId: 'b', artifactId: 'a', version: '1' });
      const refused = [
        put(store, blob),
        store.createRef(key, Buffer.from('{}')),
        store.readRef(key),
        store.get(blob.key),
        store.stat(blob.key),
        readList(store, 'blobs/'),
        readRefs(store, refPrefix('b', 'a')),
      ];
      expect(await Promise.all(refused.map(codeOfRejection))).toEqual(refused.map(() => 'closed'));
      expect(await store.health()).toBe('unavailable');
    });
  });
}
