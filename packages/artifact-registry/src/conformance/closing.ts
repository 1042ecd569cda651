import type { RegistryStore } from '../stores/registry-store.ts';
import type { Suite } from './harness.ts';
import { aliasChange, namesOf, registerAll, sample, searchAll } from './samples.ts';

/** What `close` promises, and what outlives a store. */
export function testClosing({ describe, storeTest, sharedTest, expect }: Suite): void {
  describe('close', () => {
    storeTest('afterwards every call is refused', async (store) => {
      await registerAll(store, [{}]);
      await Promise.all([store.close(), store.close()]);
      await store.close();
      const ref = { logicalId: 'llama-3-8b', version: 'v1' };
      const calls: (() => Promise<unknown>)[] = [
        () => store.register(sample()),
        () => store.find(ref),
        () => store.search({ tags: [], latestOnly: false, limit: 1 }),
        () => store.changeAlias(aliasChange({})),
        () => store.aliases('llama-3-8b'),
        () => store.aliasHistory({ logicalId: 'llama-3-8b', alias: 'a', limit: 1 }),
        () => store.changeTags({ ...ref, set: [], maxTags: 1 }),
        () => store.lineage({ ...ref, direction: 'up', depth: 1, maxNodes: 1 }),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ name: 'RegistryError', code: 'closed' });
      }
    });

    storeTest('what was called before is finished first', async (store) => {
      const registered = store.register(sample());
      const found = store.find({ logicalId: 'llama-3-8b', version: 'v0' });
      await store.close();
      expect((await registered).outcome).toBe('registered');
      expect(await found).toBe(null);
    });

    sharedTest('everything is there for those who come later', async ([store, other], open) => {
      await registerAll(store, [
        { metadata: '{"a":1}', tags: ['t'] },
        { version: 'v2', parents: [sample()] },
      ]);
      await store.changeAlias(aliasChange({}));
      const before = await everything(store);
      expect(await everything(other)).toEqual(before);
      await store.close();
      expect(await everything(other)).toEqual(before);
      await other.close();
      const later = await open();
      expect(await everything(later)).toEqual(before);
      await registerAll(later, [{ version: 'v3' }]);
      expect((await later.find({ logicalId: 'llama-3-8b', alias: 'latest' }))?.sequence).toBe(3);
    });

    sharedTest('what one store has answered, the other sees at once', async (stores) => {
      for (let number = 0; number < 20; number += 1) {
        const [writer, reader] = number % 2 === 0 ? stores : [stores[1], stores[0]];
        await registerAll(writer, [{ version: `v${number}` }]);
        expect((await reader.find({ logicalId: 'llama-3-8b', alias: 'latest' }))?.version).toBe(`v${number}`);
      }
      expect(namesOf((await searchAll(stores[0])).versions).length).toBe(20);
    });
  });
}

async function everything(store: RegistryStore): Promise<unknown> {
  const logicalId = 'llama-3-8b';
  return [
    (await searchAll(store)).versions,
    (await searchAll(store, { metadata: '{"a":1}', tags: ['t'] })).versions,
    await store.aliases(logicalId),
    await store.aliasHistory({ logicalId, alias: 'production', limit: 10 }),
    await store.lineage({ logicalId, version: 'v1', direction: 'down', depth: 5, maxNodes: 10 }),
  ];
}
