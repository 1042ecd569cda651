import { refKey, refPrefix } from '../keys.ts';
import type { Suite } from './harness.ts';
import { readList, readRefs } from './samples.ts';

const ID_CHARACTERS = 'ABCXYZabcxyz0129-_.';

/** Every printable ASCII character that a version may have. */
const ODD_VERSION = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
  .filter((character) => !'/\\:*?"<>| '.includes(character))
  .join('');

const NAMES = [
  { bucketId: 'b', artifactId: 'a', version: '1' },
  { bucketId: 'x'.repeat(255), artifactId: 'y'.repeat(255), version: 'z'.repeat(100) },
  { bucketId: ID_CHARACTERS, artifactId: '...', version: ODD_VERSION },
  { bucketId: '.b', artifactId: 'a.json', version: '1.json' },
  { bucketId: '-', artifactId: '_', version: '%2e%2e' },
  { bucketId: 'B', artifactId: 'A', version: 'a b  c' },
  { bucketId: 'b', artifactId: 'A', version: '~' },
  { bucketId: 'b', artifactId: 'a', version: 'V' },
  { bucketId: 'b', artifactId: 'a', version: 'v' },
  { bucketId: 'b', artifactId: 'a', version: `${'1'.repeat(99)}.` },
];

/** What `createRef`, `readRef` and `listRefs` promise. */
export function testRefs({ describe, storeTest, expect }: Suite): void {
  describe('refs', () => {
    storeTest('with names at every limit, each its own', async ({ store, reopen }) => {
      for (const [index, ref] of NAMES.entries()) {
        expect(await store.readRef(refKey(ref))).toBe(null);
        expect(await store.createRef(refKey(ref), Buffer.from(`content ${index}`))).toBe('created');
      }
      const again = await reopen();
      for (const [index, ref] of NAMES.entries()) {
        const found = await again.readRef(refKey(ref));
        expect(found === null ? null : Buffer.from(found).toString()).toBe(`content ${index}`);
        const { contents } = await readRefs(again, refPrefix(ref.bucketId, ref.artifactId));
        expect(contents.get(refKey(ref))).toBe(`content ${index}`);
      }
      const { sizes } = await readList(again, 'refs/');
      expect([...sizes.keys()].sort()).toEqual(NAMES.map(refKey).sort());
    });

    storeTest('are created once, and never changed', async ({ store, leftBehind }) => {
      const key = refKey({ bucketId: 'b', artifactId: 'a', version: '1' });
      expect(await store.createRef(key, Buffer.from('first'))).toBe('created');
      expect(await store.createRef(key, Buffer.from('second'))).toBe('exists');
      expect(Buffer.from((await store.readRef(key)) ?? []).toString()).toBe('first');
      expect(await store.stat(key)).toEqual({ size: 5 });
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('a race has one winner, and its bytes stay', async ({ store, leftBehind }) => {
      for (let round = 0; round < 10; round += 1) {
        const key = refKey({ bucketId: 'race', artifactId: `a${round % 3}`, version: String(round) });
        const outcomes = await Promise.all(
          Array.from({ length: 32 }, (_, number) => store.createRef(key, Buffer.from(`of ${number}`))),
        );
        const winners = outcomes.flatMap((outcome, number) => (outcome === 'created' ? [number] : []));
        expect(winners.length).toBe(1);
        const found = Buffer.from((await store.readRef(key)) ?? []).toString();
        expect(found).toBe(`of ${winners[0]}`);
        expect(await store.createRef(key, Buffer.from('late'))).toBe('exists');
      }
      expect(await leftBehind()).toEqual([]);
    });

    storeTest('whoever sees one, sees all of it', async ({ store }) => {
      const key = refKey({ bucketId: 'b', artifactId: 'a', version: '1' });
      const content = 'x'.repeat(3000);
      let isOver = false;
      const seen = new Set<string>();
      const watching = (async () => {
        while (!isOver) {
          const found = await store.readRef(key);
          if (found !== null) seen.add(Buffer.from(found).toString());
          for (const text of (await readRefs(store, refPrefix('b', 'a'))).contents.values()) seen.add(text);
        }
      })();
      await store.createRef(key, Buffer.from(content));
      await store.readRef(key);
      isOver = true;
      await watching;
      expect([...seen].every((text) => text === content)).toBe(true);
    });

    storeTest('are listed in pages, those of one artifact alone', async ({ store }) => {
      const ref = (version: number) => ({ bucketId: 'b', artifactId: 'a', version: `v${version}` });
      const count = 1500;
      for (let start = 0; start < count; start += 100) {
        await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            store.createRef(refKey(ref(start + index)), Buffer.from(`content ${start + index}`)),
          ),
        );
      }
      for (const artifactId of ['aa', 'A', 'a.', 'a-1']) {
        await store.createRef(refKey({ bucketId: 'b', artifactId, version: 'other' }), Buffer.from('other'));
      }
      const { contents, pages } = await readRefs(store, refPrefix('b', 'a'));
      expect(contents.size).toBe(count);
      expect(contents.get(refKey(ref(777)))).toBe('content 777');
      expect(pages).toBeGreaterThanOrEqual(2);
      expect(pages).toBeLessThan(count);
    });

    storeTest('of an artifact that is not there', async ({ store }) => {
      expect((await readRefs(store, refPrefix('no', 'such'))).pages).toBe(0);
      await store.createRef(refKey({ bucketId: 'b', artifactId: 'a', version: '1' }), Buffer.from('{}'));
      expect((await readRefs(store, refPrefix('b', 'other'))).pages).toBe(0);
    });

    storeTest('a listing that is left early', async ({ store }) => {
      await store.createRef(refKey({ bucketId: 'b', artifactId: 'a', version: '1' }), Buffer.from('{}'));
      for (let round = 0; round < 5; round += 1) {
        for await (const page of store.listRefs(refPrefix('b', 'a'))) if (page.length > 0) break;
      }
      expect((await readRefs(store, refPrefix('b', 'a'))).contents.size).toBe(1);
    });
  });
}
