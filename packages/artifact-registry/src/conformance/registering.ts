import type { Registration } from '../stores/registry-store.ts';
import type { Suite } from './harness.ts';
import { AWKWARD_METADATA, digestOf, namesOf, registerAll, sample, searchAll } from './samples.ts';

const LOGICAL_ID = 'llama-3-8b';

/** What `register` promises. */
export function testRegistering({ describe, storeTest, sharedTest, expect }: Suite): void {
  describe('register', () => {
    storeTest('a version comes back as it was registered', async (store) => {
      await registerAll(store, [{ logicalId: 'base' }, { logicalId: 'data', version: '2026 01' }]);
      const registration = sample({
        kind: 'manifest',
        sizeBytes: Number.MAX_SAFE_INTEGER,
        metadata: '{"task":"code"}',
        parents: [
          { logicalId: 'data', version: '2026 01' },
          { logicalId: 'base', version: 'v1' },
        ],
        tags: ['b', 'B', 'a'],
      });
      const stored = { ...registration, tags: ['B', 'a', 'b'], sequence: 1, isLatest: true };
      expect(await store.register(registration)).toEqual({ outcome: 'registered', stored });
      expect(await store.find({ logicalId: LOGICAL_ID, version: 'v1' })).toEqual(stored);
    });

    storeTest(
      'the newest of a logical id is its latest, and each logical id counts by itself',
      async (store) => {
        await registerAll(store, [{}, { logicalId: 'other' }, { version: 'v0' }, { version: 'V1' }]);
        const { versions } = await searchAll(store);
        expect(versions.map(({ version, sequence, isLatest }) => [version, sequence, isLatest])).toEqual([
          ['V1', 3, true],
          ['v0', 2, false],
          ['v1', 1, false],
          ['v1', 1, true],
        ]);
      },
    );

    storeTest('metadata comes back character for character', async (store) => {
      for (const [index, metadata] of AWKWARD_METADATA.entries()) {
        await registerAll(store, [{ version: `v${index}`, metadata }]);
        const stored = await store.find({ logicalId: LOGICAL_ID, version: `v${index}` });
        expect(stored?.metadata).toBe(metadata);
      }
    });

    storeTest('metadata may have thousands of members', async (store) => {
      const members = Array.from({ length: 5000 }, (_, number) => [`k${number}`, number] as const);
      const metadata = JSON.stringify(Object.fromEntries(members));
      await registerAll(store, [{ metadata }]);
      const { versions } = await searchAll(store, { metadata: '{"k4999":4999,"k0":0}' });
      expect(versions.map((stored) => stored.metadata === metadata)).toEqual([true]);
    });

    storeTest('the same content again changes nothing', async (store) => {
      await registerAll(store, [{ logicalId: 'a' }, { logicalId: 'b' }]);
      const [a, b] = [
        { logicalId: 'a', version: 'v1' },
        { logicalId: 'b', version: 'v1' },
      ];
      const first = sample({ parents: [a, b], metadata: '{"x":{"p":1,"q":[1]},"y":1}', tags: ['first'] });
      await registerAll(store, [first, { version: 'v2' }]);
      const again = sample({
        parents: [b, a],
        metadata: '{ "y": 1.0, "x": {"q":[1],"p":1} }',
        tags: ['second'],
        createdAt: '2027-01-01T00:00:00Z',
        registeredAt: '2027-01-01T00:00:00.000Z',
        registeredBy: 'somebody-else',
      });
      const stored = { ...first, sequence: 1, isLatest: false };
      expect(await store.register(again)).toEqual({ outcome: 'already_registered', stored });
      expect((await store.find({ logicalId: LOGICAL_ID, alias: 'latest' }))?.version).toBe('v2');
      expect((await searchAll(store)).versions.length).toBe(4);
    });

    storeTest('other content under the same version is told apart, field by field', async (store) => {
      await registerAll(store, [{ logicalId: 'base' }, { metadata: '{"x":[1,2]}' }]);
      const others: Partial<Registration>[] = [
        { bucketId: 'other' },
        { artifactId: 'other' },
        { digest: digestOf('other') },
        { sizeBytes: 1235 },
        { kind: 'manifest' },
        { metadata: '{"x":[2,1]}' },
        { parents: [{ logicalId: 'base', version: 'v1' }] },
      ];
      for (const other of others) {
        const result = await store.register(sample({ metadata: '{"x":[1,2]}', ...other }));
        expect(result).toMatchObject({ outcome: 'conflict', differing: Object.keys(other) });
      }
      const all = await store.register(sample(Object.assign({}, ...others)));
      expect(all).toMatchObject({ outcome: 'conflict', differing: others.flatMap(Object.keys) });
      expect(all).toMatchObject({ stored: sample({ metadata: '{"x":[1,2]}' }) });
      expect((await store.find({ logicalId: LOGICAL_ID, version: 'v1' }))?.digest).toBe(sample().digest);
      expect((await searchAll(store)).versions.length).toBe(2);
    });

    storeTest('with a parent that is not there nothing is written', async (store) => {
      await registerAll(store, [{ logicalId: 'base' }]);
      const missing = { logicalId: 'base', version: 'V1' };
      const parents = [{ logicalId: 'base', version: 'v1' }, missing];
      expect(await store.register(sample({ parents }))).toEqual({
        outcome: 'parent_not_found',
        parent: missing,
      });
      expect(await store.register(sample({ parents: [sample()] }))).toMatchObject({
        outcome: 'parent_not_found',
      });
      expect(namesOf((await searchAll(store)).versions)).toEqual(['base@v1']);
      expect(await store.aliases(LOGICAL_ID)).toEqual([]);
      expect(await store.register(sample())).toMatchObject({
        outcome: 'registered',
        stored: { sequence: 1 },
      });
    });
  });

  describe('many who register at once', () => {
    const numbers = Array.from({ length: 40 }, (_, number) => number);

    storeTest('no version is lost, and one is the latest', async (store) => {
      await Promise.all(numbers.map((number) => store.register(sample({ version: `v${number}` }))));
      const { versions } = await searchAll(store);
      expect(versions.map(({ sequence }) => sequence)).toEqual(numbers.map((number) => 40 - number));
      expect(namesOf(versions).toSorted()).toEqual(
        numbers.map((number) => `${LOGICAL_ID}@v${number}`).toSorted(),
      );
      expect(versions.map(({ isLatest }) => isLatest)).toEqual([true, ...Array(39).fill(false)]);
    });

    storeTest('of one version, one registers and the others find it there', async (store) => {
      const results = await Promise.all(numbers.map(() => store.register(sample())));
      expect(results.map(({ outcome }) => outcome).toSorted()).toEqual([
        ...Array(39).fill('already_registered'),
        'registered',
      ]);
    });

    sharedTest('of one version with different content, one wins, through whichever store', async (stores) => {
      const results = await Promise.all(
        numbers.map((number) => stores[number % 2 === 0 ? 0 : 1].register(sample({ sizeBytes: number }))),
      );
      const winners = numbers.filter((number) => results[number]?.outcome === 'registered');
      expect(winners.length).toBe(1);
      for (const result of results) expect(result).toMatchObject({ stored: { sizeBytes: winners[0] } });
      const losers = results.filter(({ outcome }) => outcome === 'conflict');
      expect(losers.length).toBe(39);
    });
  });
}
