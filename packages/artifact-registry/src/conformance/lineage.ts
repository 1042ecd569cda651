import type { LineageGraph, LineageQuery, RegistryStore } from '../stores/registry-store.ts';
import type { Suite } from './harness.ts';
import { registerAll, sample } from './samples.ts';

/** What `lineage` promises. */
export function testLineage({ describe, storeTest, expect }: Suite): void {
  describe('lineage', () => {
    storeTest('up and down, level by level, each version once', async (store) => {
      await registerFamily(store, { a: [], b: [], c: ['a', 'b'], d: ['c', 'a'], e: ['d'], f: ['b'] });
      expect(depths(await walk(store, 'e', { direction: 'up' }))).toEqual([
        'e 0',
        'd 1',
        'a 2',
        'c 2',
        'b 3',
      ]);
      expect(depths(await walk(store, 'a', { direction: 'down' }))).toEqual(['a 0', 'c 1', 'd 1', 'e 2']);
      expect(depths(await walk(store, 'b', { direction: 'down' }))).toEqual([
        'b 0',
        'c 1',
        'f 1',
        'd 2',
        'e 3',
      ]);
      expect(depths(await walk(store, 'a', { direction: 'up' }))).toEqual(['a 0']);
      expect(depths(await walk(store, 'e', { direction: 'down' }))).toEqual(['e 0']);
    });

    storeTest('each version comes with its parents, in the order given, and its digest', async (store) => {
      await registerFamily(store, { a: [], b: [], c: ['b', 'a'] });
      const graph = await walk(store, 'c', { direction: 'up' });
      const { digest } = sample({ logicalId: 'c' });
      const parents = ['b', 'a'].map((logicalId) => ({ logicalId, version: 'v1' }));
      const c = { logicalId: 'c', version: 'v1', digest, kind: 'artifact', depth: 0, parents };
      expect(graph?.nodes[0]).toEqual(c);
      expect(graph?.truncated).toBe(false);
    });

    storeTest('versions of one logical id come in the order of registration', async (store) => {
      await registerAll(store, [{ logicalId: 'base' }]);
      const parents = [{ logicalId: 'base', version: 'v1' }];
      for (const version of ['z', 'b', 'y']) await registerAll(store, [{ version, parents }]);
      const graph = await walk(store, 'base', { direction: 'down' });
      expect(graph?.nodes.map(({ version }) => version)).toEqual(['v1', 'z', 'b', 'y']);
    });

    storeTest('depth bounds it, and it says when more lies beyond', async (store) => {
      await registerFamily(store, { a: [], b: ['a'], c: ['b'], d: ['c', 'a'] });
      const up = (depth: number) => walk(store, 'd', { direction: 'up', depth });
      expect([depths(await up(1)), (await up(1))?.truncated]).toEqual([['d 0', 'a 1', 'c 1'], true]);
      expect([depths(await up(2)), (await up(2))?.truncated]).toEqual([['d 0', 'a 1', 'c 1', 'b 2'], false]);
      expect((await up(3))?.truncated).toBe(false);
      expect((await walk(store, 'b', { direction: 'down', depth: 1 }))?.truncated).toBe(true);
      expect((await walk(store, 'b', { direction: 'down', depth: 2 }))?.truncated).toBe(false);
    });

    storeTest('a number bounds it too', async (store) => {
      const children = Object.fromEntries(Array.from({ length: 12 }, (_, number) => [`c${number}`, ['a']]));
      await registerFamily(store, { a: [], ...children });
      const down = (maxNodes: number) => walk(store, 'a', { direction: 'down', maxNodes });
      for (const [maxNodes, truncated] of [
        [1, true],
        [5, true],
        [12, true],
        [13, false],
        [14, false],
      ] as const) {
        const graph = await down(maxNodes);
        expect([graph?.nodes.length, graph?.truncated]).toEqual([Math.min(13, maxNodes), truncated]);
      }
    });

    storeTest('a family with many ways between two versions is walked through once', async (store) => {
      const family: Record<string, string[]> = { '0a': [], '0b': [] };
      for (let level = 1; level <= 30; level += 1) {
        const above = [`${level - 1}a`, `${level - 1}b`];
        family[`${level}a`] = above;
        family[`${level}b`] = above;
      }
      await registerFamily(store, family);
      const graph = await walk(store, '30a', { direction: 'up', depth: 100 });
      expect([graph?.nodes.length, graph?.truncated]).toEqual([61, false]);
    });

    storeTest('a version that is not there has no lineage', async (store) => {
      await registerAll(store, [{ logicalId: 'a' }]);
      expect(await store.lineage(query('a', { version: 'v2', direction: 'up' }))).toBe(null);
      expect(await store.lineage(query('b', { direction: 'down' }))).toBe(null);
    });
  });
}

/** Registers `v1` of each logical id with `v1` of others as its parents. */
async function registerFamily(store: RegistryStore, family: Readonly<Record<string, readonly string[]>>) {
  for (const [logicalId, names] of Object.entries(family)) {
    const parents = names.map((name) => ({ logicalId: name, version: 'v1' }));
    await registerAll(store, [{ logicalId, parents }]);
  }
}

function query(logicalId: string, given: Partial<LineageQuery>): LineageQuery {
  return { logicalId, version: 'v1', direction: 'up', depth: 10, maxNodes: 500, ...given };
}

function walk(
  store: RegistryStore,
  logicalId: string,
  given: Partial<LineageQuery>,
): Promise<LineageGraph | null> {
  return store.lineage(query(logicalId, given));
}

function depths(graph: LineageGraph | null): string[] | undefined {
  return graph?.nodes.map(({ logicalId, depth }) => `${logicalId} ${depth}`);
}
