import type { Suite } from './harness.ts';
import { registerAll, sample, searchAll } from './samples.ts';

const V1 = { logicalId: 'llama-3-8b', version: 'v1', maxTags: 5 };

/** What `changeTags` promises. */
export function testTagging({ describe, storeTest, sharedTest, expect }: Suite): void {
  describe('changeTags', () => {
    storeTest('tags are set, added and removed, and searches follow', async (store) => {
      await registerAll(store, [{ tags: ['b', 'a'] }, { version: 'v2', tags: ['a'] }]);
      const steps = [
        [{ add: ['c', 'A', 'a'], remove: [] }, ['A', 'a', 'b', 'c']],
        [{ add: [], remove: ['a', 'nothing'] }, ['A', 'b', 'c']],
        [{ add: ['d'], remove: ['b', 'd'] }, ['A', 'c', 'd']],
        [{ set: ['x', 'x', 'c'] }, ['c', 'x']],
        [{ set: [] }, []],
        [{ set: ['a'] }, ['a']],
      ] as const;
      for (const [change, tags] of steps) {
        expect(await store.changeTags({ ...V1, ...change })).toEqual({ outcome: 'changed', tags });
        expect((await store.find(V1))?.tags).toEqual(tags);
        expect((await searchAll(store, { tags })).versions.some(({ version }) => version === 'v1')).toBe(
          true,
        );
      }
      expect((await searchAll(store, { tags: ['b'] })).versions).toEqual([]);
      expect((await searchAll(store, { tags: ['a'] })).versions.length).toBe(2);
      const before = { ...sample({ tags: ['a'] }), sequence: 1, isLatest: false };
      expect(await store.find(V1)).toEqual(before);
    });

    storeTest('a version that is not there has none', async (store) => {
      await registerAll(store, [{ version: 'v2' }]);
      expect(await store.changeTags({ ...V1, set: ['a'] })).toEqual({ outcome: 'version_not_found' });
      expect((await searchAll(store, { tags: ['a'] })).versions).toEqual([]);
    });

    storeTest('there are at most so many, or nothing changes', async (store) => {
      await registerAll(store, [{ tags: ['a', 'b', 'c'] }]);
      const tooMany = { outcome: 'too_many', found: 6 };
      expect(await store.changeTags({ ...V1, add: ['d', 'e', 'f'], remove: [] })).toEqual(tooMany);
      expect(await store.changeTags({ ...V1, set: ['1', '2', '3', '4', '5', '6'] })).toEqual(tooMany);
      expect((await store.find(V1))?.tags).toEqual(['a', 'b', 'c']);
      const swap = { ...V1, add: ['d', 'e', 'f'], remove: ['a'] };
      expect(await store.changeTags(swap)).toEqual({ outcome: 'changed', tags: ['b', 'c', 'd', 'e', 'f'] });
    });

    sharedTest('of tags that many add at once none is lost', async (stores) => {
      await registerAll(stores[0], [{}]);
      const tags = Array.from({ length: 40 }, (_, number) => `tag-${number}`);
      await Promise.all(
        tags.map((tag, index) =>
          stores[index % 2 === 0 ? 0 : 1].changeTags({ ...V1, add: [tag], remove: [], maxTags: 100 }),
        ),
      );
      expect((await stores[0].find(V1))?.tags).toEqual(tags.toSorted());
    });
  });
}
