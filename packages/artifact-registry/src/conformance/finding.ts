import type { Suite } from './harness.ts';
import { aliasChange, digestOf, registerAll } from './samples.ts';

const LOGICAL_ID = 'llama-3-8b';

/** What `find` promises. */
export function testFinding({ describe, storeTest, expect }: Suite): void {
  describe('find', () => {
    storeTest('nothing is found in an empty store', async (store) => {
      expect(await store.find({ logicalId: LOGICAL_ID, version: 'v1' })).toBe(null);
      expect(await store.find({ logicalId: LOGICAL_ID, digest: digestOf('') })).toBe(null);
      expect(await store.find({ logicalId: LOGICAL_ID, alias: 'production' })).toBe(null);
      expect(await store.find({ logicalId: LOGICAL_ID, alias: 'latest' })).toBe(null);
    });

    storeTest('names are taken letter by letter', async (store) => {
      const versions = ['v1', 'V1', 'v1.0', '%', '_', "'", '1', '01', '1.0', 'a b', '~@!', '-'];
      await registerAll(
        store,
        versions.map((version, sizeBytes) => ({ version, sizeBytes })),
      );
      for (const [sizeBytes, version] of versions.entries()) {
        expect((await store.find({ logicalId: LOGICAL_ID, version }))?.sizeBytes).toBe(sizeBytes);
      }
      expect(await store.find({ logicalId: LOGICAL_ID, version: 'v_' })).toBe(null);
      expect(await store.find({ logicalId: LOGICAL_ID.toUpperCase(), version: 'v1' })).toBe(null);
    });

    storeTest('by digest: the one that was registered first, in this logical id alone', async (store) => {
      const digest = digestOf('same bytes');
      await registerAll(store, [
        { logicalId: 'other', digest },
        { version: 'v1' },
        { version: 'v3', digest },
        { version: 'v2', digest },
      ]);
      expect((await store.find({ logicalId: LOGICAL_ID, digest }))?.version).toBe('v3');
      expect((await store.find({ logicalId: 'other', digest }))?.version).toBe('v1');
    });

    storeTest('by alias, and by latest', async (store) => {
      await registerAll(store, [{ version: 'v2' }, { version: 'v1' }, { logicalId: 'other' }]);
      await store.changeAlias(aliasChange({ to: 'v2' }));
      expect((await store.find({ logicalId: LOGICAL_ID, alias: 'production' }))?.version).toBe('v2');
      expect((await store.find({ logicalId: LOGICAL_ID, alias: 'latest' }))?.version).toBe('v1');
      expect(await store.find({ logicalId: LOGICAL_ID, alias: 'Production' })).toBe(null);
      expect(await store.find({ logicalId: LOGICAL_ID, alias: 'v2' })).toBe(null);
      expect(await store.find({ logicalId: 'other', alias: 'production' })).toBe(null);
    });
  });
}
