import type { Suite } from './harness.ts';
import { aliasChange, registerAll, wholeHistory } from './samples.ts';

const LOGICAL_ID = 'llama-3-8b';
const PRODUCTION = { logicalId: LOGICAL_ID, alias: 'production' };

/** What `changeAlias`, `aliases` and `aliasHistory` promise. */
export function testAliasing({ describe, storeTest, sharedTest, expect }: Suite): void {
  describe('changeAlias', () => {
    storeTest('an alias is set, moved and removed, and every change is in its history', async (store) => {
      await registerAll(store, [{ version: 'v1' }, { version: 'v2' }]);
      const moves = [
        { to: 'v1', at: '2026-01-01T00:00:00.000Z', by: 'ann' },
        { to: 'v2', at: '2026-01-02T00:00:00.000Z', by: 'bob' },
        { to: 'v1', at: '2026-01-03T00:00:00.000Z', by: 'ann' },
        { to: null, at: '2026-01-04T00:00:00.000Z', by: 'bob' },
        { to: 'v2', at: '2026-01-05T00:00:00.000Z', by: 'ann' },
      ];
      const froms = [null, 'v1', 'v2', 'v1', null];
      for (const [index, move] of moves.entries()) {
        expect(await store.changeAlias(aliasChange(move))).toEqual({
          outcome: 'changed',
          from: froms[index],
        });
        expect((await store.find(PRODUCTION))?.version ?? null).toBe(move.to);
      }
      const history = moves
        .map((move, index) => ({ ...move, from: froms[index], number: index + 1 }))
        .toReversed();
      for (const limit of [1, 2, 5, 6]) expect(await wholeHistory(store, PRODUCTION, limit)).toEqual(history);
      expect((await store.aliasHistory({ ...PRODUCTION, limit: 5 })).next).toBe(null);
    });

    storeTest('where it points there already nothing is written', async (store) => {
      await registerAll(store, [{}]);
      await store.changeAlias(aliasChange({ by: 'first' }));
      expect(await store.changeAlias(aliasChange({ by: 'second' }))).toEqual({ outcome: 'unchanged' });
      expect(await store.changeAlias(aliasChange({ alias: 'none', to: null }))).toEqual({
        outcome: 'unchanged',
      });
      expect((await wholeHistory(store, PRODUCTION)).map(({ by }) => by)).toEqual(['first']);
      expect(await wholeHistory(store, { logicalId: LOGICAL_ID, alias: 'none' })).toEqual([]);
      expect((await store.aliases(LOGICAL_ID)).map(({ setBy }) => setBy)).toEqual(['trainer-7', 'first']);
    });

    storeTest('a version that is not there is no target, nor is one of another logical id', async (store) => {
      await registerAll(store, [{}, { logicalId: 'other', version: 'v2' }]);
      const missing = { outcome: 'version_not_found' };
      expect(await store.changeAlias(aliasChange({ to: 'v2' }))).toEqual(missing);
      expect(await store.changeAlias(aliasChange({ logicalId: 'nothing' }))).toEqual(missing);
      expect(await store.find(PRODUCTION)).toBe(null);
    });

    storeTest('compare and set: what it points at must be what was expected', async (store) => {
      await registerAll(store, [{ version: 'v1' }, { version: 'v2' }]);
      const tries = [
        [
          { to: 'v1', expected: 'v1' },
          { outcome: 'conflict', found: null },
        ],
        [
          { to: 'v1', expected: null },
          { outcome: 'changed', from: null },
        ],
        [
          { to: 'v2', expected: null },
          { outcome: 'conflict', found: 'v1' },
        ],
        [
          { to: 'v2', expected: 'v2' },
          { outcome: 'conflict', found: 'v1' },
        ],
        [
          { to: 'v2', expected: 'V1' },
          { outcome: 'conflict', found: 'v1' },
        ],
        [{ to: 'v1', expected: 'v1' }, { outcome: 'unchanged' }],
        [
          { to: 'v2', expected: 'v1' },
          { outcome: 'changed', from: 'v1' },
        ],
        [
          { to: 'v2', expected: 'v1' },
          { outcome: 'conflict', found: 'v2' },
        ],
        [
          { to: null, expected: 'v1' },
          { outcome: 'conflict', found: 'v2' },
        ],
        [
          { to: null, expected: 'v2' },
          { outcome: 'changed', from: 'v2' },
        ],
        [
          { to: null, expected: 'v2' },
          { outcome: 'conflict', found: null },
        ],
        [{ to: null, expected: null }, { outcome: 'unchanged' }],
      ] as const;
      for (const [change, outcome] of tries)
        expect(await store.changeAlias(aliasChange(change))).toEqual(outcome);
      expect((await wholeHistory(store, PRODUCTION)).length).toBe(3);
    });

    storeTest('there are at most so many, and those that are there can still be moved', async (store) => {
      await registerAll(store, [{ version: 'v1' }, { version: 'v2' }, { logicalId: 'other' }]);
      const add = (alias: string, to = 'v1') => store.changeAlias(aliasChange({ alias, to, maxAliases: 2 }));
      await add('a');
      await add('b');
      expect(await add('c')).toEqual({ outcome: 'too_many' });
      expect(await add('b', 'v2')).toEqual({ outcome: 'changed', from: 'v1' });
      expect((await store.aliases(LOGICAL_ID)).map(({ alias }) => alias)).toEqual(['a', 'b', 'latest']);
      const elsewhere = aliasChange({ logicalId: 'other', alias: 'c', maxAliases: 2 });
      expect(await store.changeAlias(elsewhere)).toEqual({ outcome: 'changed', from: null });
    });

    sharedTest('of many who expect the same, one wins, and the history is one chain', async (stores) => {
      const versions = Array.from({ length: 20 }, (_, number) => `v${number}`);
      await registerAll(
        stores[0],
        versions.map((version) => ({ version })),
      );
      for (let expected: string | null = null, round = 0; round < 3; round += 1) {
        const results = await Promise.all(
          versions
            .filter((to) => to !== expected)
            .map((to, index) => stores[index % 2 === 0 ? 0 : 1].changeAlias(aliasChange({ to, expected }))),
        );
        const winners = results.filter(({ outcome }) => outcome === 'changed');
        expect(winners).toEqual([{ outcome: 'changed', from: expected }]);
        expected = (await stores[1].find(PRODUCTION))?.version ?? null;
      }
      const changes = await wholeHistory(stores[1], PRODUCTION);
      expect(changes.map(({ number }) => number)).toEqual([3, 2, 1]);
      expect(changes.map(({ from }) => from)).toEqual([changes[1]?.to, changes[2]?.to, null]);
    });
  });

  describe('aliases', () => {
    storeTest('all of them by name, latest among them', async (store) => {
      await registerAll(store, [
        { version: 'v1', registeredAt: '2026-01-01T00:00:00.000Z' },
        { version: 'v2', registeredAt: '2026-01-02T00:00:00.000Z' },
        { logicalId: 'other' },
      ]);
      const set = { at: '2026-01-03T00:00:00.000Z', by: 'ann' };
      for (const alias of ['zeta', 'Alpha', 'alpha']) await store.changeAlias(aliasChange({ alias, ...set }));
      const at = { version: 'v1', setAt: set.at, setBy: set.by };
      expect(await store.aliases(LOGICAL_ID)).toEqual([
        { alias: 'Alpha', ...at },
        { alias: 'alpha', ...at },
        { alias: 'latest', version: 'v2', setAt: '2026-01-02T00:00:00.000Z', setBy: 'trainer-7' },
        { alias: 'zeta', ...at },
      ]);
      expect((await store.aliases('other')).map(({ alias }) => alias)).toEqual(['latest']);
      expect(await store.aliases('nothing')).toEqual([]);
    });
  });

  describe('aliasHistory', () => {
    storeTest('latest has one: what was registered, when and by whom', async (store) => {
      for (const number of [1, 2, 3, 4]) {
        const registeredAt = `2026-01-0${number}T00:00:00.000Z`;
        await registerAll(store, [{ version: `v${number}`, registeredAt, registeredBy: `job-${number}` }]);
      }
      const expected = [4, 3, 2, 1].map((number) => ({
        number,
        from: number === 1 ? null : `v${number - 1}`,
        to: `v${number}`,
        at: `2026-01-0${number}T00:00:00.000Z`,
        by: `job-${number}`,
      }));
      for (const limit of [1, 2, 3, 4, 5]) {
        expect(await wholeHistory(store, { logicalId: LOGICAL_ID, alias: 'latest' }, limit)).toEqual(
          expected,
        );
      }
    });

    storeTest('it is of one alias of one logical id, and empty for one that never was', async (store) => {
      await registerAll(store, [{}, { logicalId: 'other' }]);
      await store.changeAlias(aliasChange({ alias: 'a', by: 'x' }));
      await store.changeAlias(aliasChange({ alias: 'A', by: 'y' }));
      await store.changeAlias(aliasChange({ logicalId: 'other', alias: 'a', by: 'z' }));
      const whoSet = async (logicalId: string, alias: string) =>
        (await wholeHistory(store, { logicalId, alias })).map(({ by }) => by);
      expect([await whoSet(LOGICAL_ID, 'a'), await whoSet(LOGICAL_ID, 'A')]).toEqual([['x'], ['y']]);
      expect([await whoSet('other', 'a'), await whoSet('other', 'A')]).toEqual([['z'], []]);
      expect([await whoSet('nothing', 'a'), await whoSet('nothing', 'latest')]).toEqual([[], []]);
    });
  });
}
