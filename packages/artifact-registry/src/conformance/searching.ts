import type { SearchPosition, SearchQuery } from '../stores/registry-store.ts';
import type { Suite } from './harness.ts';
import { digestOf, namesOf, registerAll, sample, searchAll } from './samples.ts';

/** What `search` promises. */
export function testSearching({ describe, storeTest, expect }: Suite): void {
  describe('search', () => {
    storeTest('by logical id, and within one the newest first', async (store) => {
      await registerAll(store, [
        { logicalId: 'b' },
        { logicalId: 'a', version: 'x' },
        { logicalId: 'B' },
        { logicalId: 'a', version: 'w' },
        { logicalId: 'a.' },
        { logicalId: '-' },
      ]);
      const all = ['-@v1', 'B@v1', 'a@w', 'a@x', 'a.@v1', 'b@v1'];
      expect(namesOf((await searchAll(store)).versions)).toEqual(all);
      expect(namesOf((await searchAll(store, { limit: 1 })).versions)).toEqual(all);
    });

    storeTest('each condition holds back what it should, and all of them together', async (store) => {
      const wanted = {
        logicalId: 'llama',
        version: 'v7',
        bucketId: 'models',
        artifactId: 'weights',
        digest: digestOf('wanted'),
        kind: 'manifest',
        registeredBy: 'job-1',
        tags: ['one', 'two', 'three'],
        metadata: '{"task":"code","n":1}',
      } as const;
      const noise = Array.from({ length: 9 }, (_, number) => ({ version: `n${number}`, tags: ['one'] }));
      await registerAll(store, [...noise, wanted]);
      const conditions: Partial<SearchQuery>[] = [
        { logicalId: 'llama' },
        { logicalIdPrefix: 'lla', kind: 'manifest' },
        { version: 'v7' },
        { bucketId: 'models' },
        { artifactId: 'weights' },
        { digest: digestOf('wanted') },
        { kind: 'manifest' },
        { registeredBy: 'job-1' },
        { tags: ['two'] },
        { tags: ['three', 'one'] },
        { metadata: '{"task":"code"}' },
        { metadata: '{"n":1,"task":"code"}' },
      ];
      for (const condition of [...conditions, Object.assign({}, ...conditions)]) {
        expect(namesOf((await searchAll(store, condition)).versions)).toEqual(['llama@v7']);
      }
      for (const condition of [
        { logicalId: 'Llama' },
        { kind: 'manifest', version: 'n1' } as const,
        { tags: ['one', 'four'] },
        { metadata: '{"task":"code","n":2}' },
      ]) {
        expect((await searchAll(store, condition)).versions).toEqual([]);
      }
      expect((await searchAll(store, { metadata: '{}' })).versions.length).toBe(10);
    });

    storeTest('a prefix is where a logical id begins, letter by letter', async (store) => {
      const ids = ['a', 'a-b', 'a-b-c', 'a_b', 'aXb', 'A-b', 'a-c', 'b', 'zz', 'z', '.a'];
      await registerAll(
        store,
        ids.map((logicalId) => ({ logicalId })),
      );
      for (const logicalIdPrefix of ['a', 'a-b', 'a_', 'A', 'a-b-c', 'z', '.', 'q', 'a-b-c-d']) {
        const found = (await searchAll(store, { logicalIdPrefix })).versions.map(
          ({ logicalId }) => logicalId,
        );
        expect(found).toEqual(ids.filter((id) => id.startsWith(logicalIdPrefix)).toSorted());
      }
    });

    storeTest('metadata is equal as JSON, and nothing less is', async (store) => {
      const long = 'x'.repeat(5000);
      const values = [
        '1',
        '"1"',
        'true',
        '"true"',
        'null',
        '"null"',
        '0',
        '""',
        '[]',
        '{}',
        '[1,2]',
        '[2,1]',
      ];
      values.push(
        '{"a":1,"b":{"c":[]}}',
        '"é"',
        '"e\u0301"',
        '1.5',
        '-1',
        `"${long}"`,
        `"${long}y"`,
        '"A"',
        '"a"',
      );
      for (const [index, value] of values.entries()) {
        await registerAll(store, [{ version: `v${index}`, metadata: `{"other":7,"k":${value}}` }]);
      }
      for (const [index, value] of values.entries()) {
        const { versions } = await searchAll(store, { metadata: `{"k":${value}}` });
        expect(versions.map(({ version }) => version)).toEqual([`v${index}`]);
      }
      const { versions } = await searchAll(store, { metadata: '{"k":{"b":{"c":[]}, "a":1.0}}' });
      expect(versions.length).toBe(1);
      expect((await searchAll(store, { metadata: '{"K":1}' })).versions).toEqual([]);
    });

    storeTest('names of members may be anything', async (store) => {
      const keys = [
        '',
        '.',
        'a.b',
        '$',
        "'",
        '"',
        '%',
        '__proto__',
        'k":1',
        '\u0000',
        '😀',
        'x'.repeat(3000),
      ];
      for (const [index, key] of keys.entries()) {
        await registerAll(store, [{ version: `v${index}`, metadata: `{${JSON.stringify(key)}:1}` }]);
      }
      for (const [index, key] of keys.entries()) {
        const { versions } = await searchAll(store, { metadata: `{${JSON.stringify(key)}:1}` });
        expect(versions.map(({ version }) => version)).toEqual([`v${index}`]);
      }
    });

    storeTest('latestOnly shows one version of each logical id', async (store) => {
      await registerAll(store, [
        {},
        { logicalId: 'a' },
        { version: 'v2' },
        { version: 'v3', kind: 'manifest' },
      ]);
      expect(namesOf((await searchAll(store, { latestOnly: true })).versions)).toEqual([
        'a@v1',
        'llama-3-8b@v3',
      ]);
      const artifacts = await searchAll(store, { latestOnly: true, kind: 'artifact' });
      expect(namesOf(artifacts.versions)).toEqual(['a@v1']);
    });
  });

  describe('pages of a search', () => {
    storeTest('each version is in exactly one page, and the last page says that it is', async (store) => {
      const ids = ['a', 'b', 'c'];
      for (let number = 0; number < 4; number += 1) {
        await registerAll(
          store,
          ids.map((logicalId) => ({ logicalId, version: `v${number}` })),
        );
      }
      const all = namesOf((await searchAll(store)).versions);
      expect(all.length).toBe(12);
      for (const limit of [1, 2, 3, 5, 11, 12, 13]) {
        const { versions, pages } = await searchAll(store, { limit });
        expect([namesOf(versions), pages]).toEqual([all, Math.ceil(12 / limit)]);
      }
    });

    storeTest('what is registered meanwhile moves nothing to another page', async (store) => {
      const before = Array.from({ length: 10 }, (_, number) => ({
        logicalId: `m${number % 2}`,
        version: `v${number}`,
      }));
      await registerAll(store, before);
      const seen: string[] = [];
      let after: SearchPosition | undefined;
      for (let round = 0; ; round += 1) {
        const page = await store.search({ tags: [], latestOnly: false, limit: 3, after });
        seen.push(...namesOf(page.versions));
        if (page.next === null) break;
        after = page.next;
        await registerAll(
          store,
          ['a', 'm0', 'm1', 'z'].map((logicalId) => ({ logicalId, version: `late${round}` })),
        );
      }
      expect(seen.filter((name) => !name.includes('late')).toSorted()).toEqual(namesOf(before).toSorted());
      expect(new Set(seen).size).toBe(seen.length);
    });

    storeTest('a page of large metadata ends early, and none is left out', async (store) => {
      const metadata = JSON.stringify({ s: 'x'.repeat(60_000) });
      for (let number = 0; number < 12; number += 1) {
        await registerAll(store, [{ version: `v${number}`, metadata }]);
      }
      const page = await store.search({ tags: [], latestOnly: false, limit: 100 });
      expect(page.versions.length).toBe(2);
      const { versions, pages } = await searchAll(store);
      expect([versions.length, pages]).toEqual([12, 6]);
    });

    storeTest('a page of many parents and tags ends early too', async (store) => {
      const parents = Array.from({ length: 100 }, (_, number) => ({
        logicalId: 'base',
        version: `v${number}`,
      }));
      await registerAll(store, parents);
      const tags = Array.from({ length: 100 }, (_, number) => `tag-${number}`);
      for (let number = 0; number < 20; number += 1) {
        await registerAll(store, [sample({ version: `v${number}`, parents, tags })]);
      }
      const page = await store.search({ logicalId: 'llama-3-8b', tags: [], latestOnly: false, limit: 100 });
      expect(page.versions.length).toBe(6);
      expect((await searchAll(store, { logicalId: 'llama-3-8b' })).versions.length).toBe(20);
    });
  });
}
