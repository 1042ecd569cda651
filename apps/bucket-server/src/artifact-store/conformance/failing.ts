import type { Suite } from './harness.ts';
import {
  codeOfRejection,
  failingAfter,
  inPieces,
  put,
  read,
  readList,
  sampleBlob,
  stallingAfter,
} from './samples.ts';

/** Small enough to wait in memory, and large enough to have reached the engine. */
const SIZES = [1000, 3_000_000];

/** What `putBlob` promises when something goes wrong: nothing is seen, and nothing stays. */
export function testFailing({ describe, storeTest, expect }: Suite): void {
  describe('uploads that fail', () => {
    storeTest('nothing can be seen before the end', async ({ store }) => {
      for (const size of SIZES) {
        const blob = sampleBlob(size);
        const stopping = new AbortController();
        const source = stallingAfter(blob.bytes);
        const upload = codeOfRejection(store.putBlob(blob.key, source.pieces, blob.claim, stopping.signal));
        await source.stalls;
        expect(await store.stat(blob.key)).toBe(null);
        expect(await store.get(blob.key)).toBe(null);
        stopping.abort();
        await upload;
      }
      expect((await readList(store, 'blobs/')).sizes.size).toBe(0);
    });

    storeTest('wrong bytes, too few, too many', async ({ store, leftBehind }) => {
      for (const size of SIZES) {
        const { key, bytes, claim } = sampleBlob(size);
        const other = Buffer.from(bytes);
        other[size - 1] = (other[size - 1] ?? 0) ^ 1;
        const cases = [
          { sent: other, claim, code: 'digest_mismatch' },
          { sent: other, claim: { ...claim, size: undefined }, code: 'digest_mismatch' },
          { sent: bytes.subarray(0, size - 1), claim, code: 'size_mismatch' },
          { sent: Buffer.concat([bytes, bytes]), claim, code: 'size_mismatch' },
          { sent: bytes, claim: { ...claim, size: undefined, maxBytes: size - 1 }, code: 'too_large' },
        ];
        for (const { sent, claim, code } of cases) {
          expect(await codeOfRejection(store.putBlob(key, inPieces(sent), claim))).toBe(code);
          expect(await store.stat(key)).toBe(null);
        }
      }
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('a mismatch says what was expected and what was found', async ({ store }) => {
      const blob = sampleBlob(1000);
      const other = sampleBlob(1000);
      await expect(store.putBlob(blob.key, inPieces(other.bytes), blob.claim)).rejects.toMatchObject({
        name: 'BlobMismatchError',
        code: 'digest_mismatch',
        expected: blob.claim.sha256,
        found: other.claim.sha256,
      });
    });

    storeTest('wrong bytes leave right ones alone', async ({ store }) => {
      const blob = sampleBlob(100_000);
      await put(store, blob);
      const other = sampleBlob(100_000);
      await codeOfRejection(store.putBlob(blob.key, inPieces(other.bytes), blob.claim));
      expect((await read(store, blob.key))?.equals(blob.bytes)).toBe(true);
    });

    storeTest('a source that fails: the upload fails with its error', async ({ store, leftBehind }) => {
      for (const size of SIZES) {
        const blob = sampleBlob(size);
        const error = new Error('the client went away');
        const upload = store.putBlob(blob.key, failingAfter(blob.bytes, error), blob.claim);
        expect(await codeOfRejection(upload)).toBe(error);
        expect(await store.stat(blob.key)).toBe(null);
      }
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('abort, while the source stalls or before it began', async ({ store, leftBehind }) => {
      for (const size of SIZES) {
        const blob = sampleBlob(size);
        const stopping = new AbortController();
        const reason = new Error('enough');
        const source = stallingAfter(blob.bytes);
        const upload = codeOfRejection(store.putBlob(blob.key, source.pieces, blob.claim, stopping.signal));
        await source.stalls;
        stopping.abort(reason);
        expect(await upload).toBe(reason);
        const late = store.putBlob(blob.key, inPieces(blob.bytes), blob.claim, stopping.signal);
        expect(await codeOfRejection(late)).toBe(reason);
      }
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('abort at any moment leaves all or nothing', async ({ store, leftBehind }) => {
      for (let round = 0; round < 25; round += 1) {
        const blob = sampleBlob(round % 2 === 0 ? 10_000 : 1_500_000);
        const stopping = new AbortController();
        const upload = store.putBlob(blob.key, inPieces(blob.bytes), blob.claim, stopping.signal);
        const timer = setTimeout(() => stopping.abort(new Error('enough')), round);
        const isStored = await upload.then(
          () => true,
          () => false,
        );
        clearTimeout(timer);
        const found = await read(store, blob.key);
        expect(found === null ? !isStored : found.equals(blob.bytes)).toBe(true);
      }
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('stalled ones hold up no other', async ({ store }) => {
      const stopping = new AbortController();
      const stalled = Array.from({ length: 100 }, (_, number) => {
        const blob = sampleBlob(number % 2 === 0 ? 1 : 200_000);
        const { pieces } = stallingAfter(blob.bytes);
        return codeOfRejection(store.putBlob(blob.key, pieces, blob.claim, stopping.signal));
      });
      const blob = sampleBlob(30_000_000);
      await put(store, blob);
      expect((await read(store, blob.key))?.equals(blob.bytes)).toBe(true);
      stopping.abort();
      await Promise.all(stalled);
    });
  });
}
