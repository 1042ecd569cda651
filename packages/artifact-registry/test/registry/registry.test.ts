import { describe, expect, test } from '@jest/globals';
import { openRegistry, type Registry } from '../../src/registry/registry.ts';
import type { NewVersion } from '../../src/registry/versions.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';

const HEX = '0123456789abcdef'.repeat(4);

function open(actor: string | undefined = 'trainer-7'): Registry {
  return openRegistry({ store: memoryStore(), actor });
}

function version(given: Partial<NewVersion> = {}): NewVersion {
  return {
    ...{ logicalId: 'llama', version: 'v1', bucketId: 'prod-models', artifactId: 'llama-3-8b' },
    ...{ digest: `sha256:${HEX}`, sizeBytes: 10, ...given },
  };
}

/** What a program without types may hand in. */
const wrong = (given: Record<string, unknown>) => version(given as Partial<NewVersion>);

describe('registerVersion', () => {
  test('what is left out has its default', async () => {
    const before = new Date().toISOString();
    const { version: record, alreadyRegistered } = await open().registerVersion(version());
    expect(alreadyRegistered).toBe(false);
    expect(record).toEqual({
      ...version(),
      kind: 'artifact',
      metadata: {},
      createdAt: record.registeredAt,
      registeredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      registeredBy: 'trainer-7',
      parents: [],
      tags: [],
      sequence: 1,
      isLatest: true,
    });
    expect(record.registeredAt >= before && record.registeredAt <= new Date().toISOString()).toBe(true);
  });

  test('parents are given as versions or as references, and each is kept once, as a version', async () => {
    const registry = open();
    for (const name of ['v1', 'v2'])
      await registry.registerVersion(version({ logicalId: 'base', version: name }));
    await registry.setAlias('base', 'good', 'v1');
    const parents = [
      'base:good',
      { logicalId: 'base', version: 'v2' },
      'base@v1',
      'base:latest',
      `base@sha256:${HEX}`,
    ];
    const { version: child } = await registry.registerVersion(version({ parents }));
    expect(child.parents).toEqual([
      { logicalId: 'base', version: 'v1' },
      { logicalId: 'base', version: 'v2' },
    ]);
    await registry.setAlias('base', 'good', 'v2');
    expect((await registry.getVersion('llama', 'v1'))?.parents).toEqual(child.parents);
    const { version: grandchild } = await registry.registerVersion(
      version({ version: 'v2', parents: [child] }),
    );
    expect(grandchild.parents).toEqual([{ logicalId: 'llama', version: 'v1' }]);
  });

  test('other content under the same version is refused, and the message tells the difference', async () => {
    const registry = open();
    await registry.registerVersion(version({ logicalId: 'base' }));
    await registry.registerVersion(version());
    const other = version({ digest: `sha256:${'f'.repeat(64)}`, sizeBytes: 11 });
    await expect(registry.registerVersion(other)).rejects.toMatchObject({
      name: 'RegistryError',
      code: 'version_exists',
      expected: `sha256:${HEX}`,
      found: `sha256:${'f'.repeat(64)}`,
      details: { differing: ['digest', 'sizeBytes'] },
      message: `"llama@v1" is registered with another digest, sizeBytes: digest is "sha256:${HEX}" there and "sha256:${'f'.repeat(64)}" here. A version never changes: register what you have under a new version.`,
    });
    await expect(registry.registerVersion(version({ parents: ['base@v1'] }))).rejects.toMatchObject({
      code: 'version_exists',
      expected: '[]',
      found: '[base@v1]',
    });
  });

  test.each<[string, Record<string, unknown>, string, string]>([
    ['a logical id with a colon', { logicalId: 'a:b' }, 'invalid_name', 'logicalId is "a:b"'],
    ['a version with a colon', { version: 'a:b' }, 'invalid_name', 'version is "a:b"'],
    ['a bad bucket', { bucketId: 'a/b' }, 'invalid_name', 'bucketId is "a/b"'],
    ['a bad artifact', { artifactId: '' }, 'invalid_name', 'artifactId is empty'],
    ['a bad digest', { digest: HEX }, 'invalid_argument', 'digest is "0123'],
    ['a negative size', { sizeBytes: -1 }, 'invalid_argument', 'sizeBytes is -1'],
    ['a size that is text', { sizeBytes: '10' }, 'invalid_argument', 'sizeBytes is "10"'],
    [
      'another kind',
      { kind: 'model' },
      'invalid_argument',
      'kind is "model" but must be one of "artifact", "manifest"',
    ],
    ['metadata that is text', { metadata: 'x' }, 'invalid_metadata', 'metadata is "x"'],
    ['a time that is none', { createdAt: 'today' }, 'invalid_argument', 'createdAt is "today"'],
    ['nobody', { by: 'unknown' }, 'invalid_argument', 'by is "unknown" but must name somebody'],
    ['a bad tag', { tags: ['a b'] }, 'invalid_name', 'tags[0] is "a b"'],
    [
      'too many tags',
      { tags: Array.from({ length: 101 }, (_, n) => `t${n}`) },
      'too_many_tags',
      'would have 101 tags',
    ],
    [
      'parents that are no list',
      { parents: 'base@v1' },
      'invalid_argument',
      'parents is "base@v1" but must be an array',
    ],
    [
      'a parent that is nothing',
      { parents: [7] },
      'invalid_argument',
      'parents[0] is 7 but must be a reference',
    ],
    ['a bare name as a parent', { parents: ['base'] }, 'invalid_reference', 'does not say which version'],
    [
      'a parent that is not there',
      { parents: ['base@v1'] },
      'parent_not_found',
      '"base@v1", a parent of "llama@v1", is not registered',
    ],
    [
      'a parent alias that is not there',
      { parents: ['base:good'] },
      'alias_not_found',
      'Nothing is registered as "base"',
    ],
    ['itself as a parent', { parents: ['llama@v1'] }, 'lineage_cycle', 'names itself as a parent'],
    [
      'too many parents',
      { parents: Array.from({ length: 101 }, (_, n) => `a@${n}`) },
      'invalid_argument',
      'parents has 101 entries and may have 100',
    ],
  ])('%s is refused, and nothing is written', async (_, given, code, words) => {
    const registry = open();
    await expect(registry.registerVersion(wrong(given))).rejects.toMatchObject({
      name: 'RegistryError',
      code,
      message: expect.stringContaining(words),
    });
    expect((await registry.search()).versions).toEqual([]);
  });

  test('somebody has to be named: by the call, or by the registry', async () => {
    const registry = openRegistry({ store: memoryStore() });
    await expect(registry.registerVersion(version())).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/by is missing/),
    });
    expect((await registry.registerVersion(version({ by: 'job-9' }))).version.registeredBy).toBe('job-9');
    await expect(registry.setAlias('llama', 'a', 'v1')).rejects.toMatchObject({ code: 'invalid_argument' });
    await registry.setAlias('llama', 'a', 'v1', { by: 'ann' });
    expect((await registry.listAliases('llama'))[0]?.setBy).toBe('ann');
    expect(() => openRegistry({ store: memoryStore(), actor: 'system' })).toThrow('actor is "system"');
  });
});

describe('finding a version', () => {
  test('get... give null for what is not there; resolve says what is there instead', async () => {
    const registry = open();
    expect(await registry.getVersion('llama', 'v1')).toBe(null);
    expect(await registry.getLatest('llama')).toBe(null);
    const nothing = 'Nothing is registered as "llama": look at the name, or register a version first.';
    await expect(registry.resolve('llama:latest')).rejects.toMatchObject({
      code: 'alias_not_found',
      message: nothing,
    });
    for (let number = 1; number <= 6; number += 1)
      await registry.registerVersion(version({ version: `v${number}` }));
    await registry.setAlias('llama', 'production', 'v2');
    await expect(registry.resolve('llama:prod')).rejects.toMatchObject({
      code: 'alias_not_found',
      message: '"llama" has no alias "prod": its aliases are "latest", "production".',
      details: { reference: 'llama:prod' },
    });
    await expect(registry.resolve('llama@v9')).rejects.toMatchObject({
      code: 'version_not_found',
      message: '"llama" has no version "v9": its newest are "v6", "v5", "v4", "v3", "v2", ….',
    });
    await expect(registry.resolve(`llama@sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({
      code: 'version_not_found',
      message: expect.stringContaining('has no version with the digest "sha256:000'),
    });
    expect(await registry.resolve('llama:production')).toEqual(await registry.getVersion('llama', 'v2'));
    expect(await registry.getVersionByAlias('llama', 'production')).toEqual(
      await registry.getVersion('llama', 'v2'),
    );
    expect((await registry.getVersionByDigest('llama', `sha256:${HEX.toUpperCase()}`))?.version).toBe('v1');
    expect((await registry.getLatest('llama'))?.version).toBe('v6');
  });

  test('names that break a rule are refused everywhere', async () => {
    const registry = open();
    const calls: (() => Promise<unknown>)[] = [
      () => registry.getVersion('a:b', 'v1'),
      () => registry.getVersion('a', 'a:b'),
      () => registry.getVersionByAlias('a', 'a:b'),
      () => registry.listVersions('a:b'),
      () => registry.search({ logicalIdPrefix: 'a:' }),
      () => registry.search({ version: 'a:b' }),
      () => registry.search({ tags: ['a b'] }),
      () => registry.setAlias('a', 'a@b', 'v1'),
      () => registry.setAlias('a', 'b', 'a:b'),
      () => registry.setAlias('a', 'b', 'c', { expected: 'a:b' }),
      () => registry.removeAlias('a:b', 'c'),
      () => registry.listAliases('a:b'),
      () => registry.listAliasHistory('a', 'b:c'),
      () => registry.setTags('a', 'v:1', []),
      () => registry.getAncestors('a:b', 'v1'),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'invalid_name' });
    await expect(registry.getVersionByDigest('a', 'abc')).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(registry.search({ latestOnly: 1 as unknown as boolean })).rejects.toMatchObject({
      message: 'latestOnly is 1 but must be true or false.',
    });
    await expect(registry.search({ metadata: { a: Number.NaN } })).rejects.toMatchObject({
      code: 'invalid_metadata',
    });
  });
});

describe('pages', () => {
  async function withVersions(count: number): Promise<Registry> {
    const registry = open();
    for (let number = 1; number <= count; number += 1) {
      await registry.registerVersion(version({ version: `v${number}` }));
      await registry.setAlias('llama', 'moving', `v${number}`);
    }
    return registry;
  }

  test('a cursor goes on where the page ended, with another limit too', async () => {
    const registry = await withVersions(5);
    const first = await registry.listVersions('llama', { limit: 2 });
    const second = await registry.listVersions('llama', { limit: 10, cursor: first.cursor });
    const names = [...first.versions, ...second.versions].map((record) => record.version);
    expect([names, second.cursor]).toEqual([['v5', 'v4', 'v3', 'v2', 'v1'], null]);
    const changes = await registry.listAliasHistory('llama', 'moving', { limit: 3 });
    const rest = await registry.listAliasHistory('llama', 'moving', { cursor: changes.cursor });
    expect([...changes.changes, ...rest.changes].map(({ to }) => to)).toEqual(names);
  });

  test('a cursor of another listing is refused', async () => {
    const registry = await withVersions(3);
    const { cursor } = await registry.listVersions('llama', { limit: 1 });
    const { cursor: history } = await registry.listAliasHistory('llama', 'moving', { limit: 1 });
    const refused = { code: 'invalid_cursor', message: expect.stringContaining('is not of this listing') };
    await expect(registry.search({ cursor, limit: 1 })).rejects.toMatchObject(refused);
    await expect(registry.search({ logicalId: 'llama', tags: ['a'], cursor })).rejects.toMatchObject(refused);
    await expect(registry.listVersions('llama', { cursor: history })).rejects.toMatchObject(refused);
    await expect(registry.listAliasHistory('llama', 'moving', { cursor })).rejects.toMatchObject(refused);
    await expect(registry.listAliasHistory('llama', 'latest', { cursor: history })).rejects.toMatchObject(
      refused,
    );
    const mark = Buffer.from(String(cursor), 'base64url').toString().slice(0, 11);
    for (const bad of ['', 'x', 'null', '[]', `${mark}]`, `${mark},"llama"]`, `${mark},1,"llama"]`]) {
      const forged = Buffer.from(bad).toString('base64url');
      await expect(registry.listVersions('llama', { cursor: forged })).rejects.toMatchObject(refused);
    }
    await expect(registry.listVersions('llama', { cursor: '%%%' })).rejects.toMatchObject(refused);
    expect((await registry.search({ logicalId: 'llama', cursor })).versions.length).toBe(2);
  });

  test.each([0, 501, 1.5, '10'])('limit %p is refused', async (limit) => {
    const call = open().search({ limit: limit as number }); // what a program without types may hand in
    await expect(call).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/must be a whole number from 1 to 500/),
    });
  });
});

describe('aliases', () => {
  test('compare and set says what was expected and what is there', async () => {
    const registry = open();
    for (const name of ['v1', 'v2', 'v3']) await registry.registerVersion(version({ version: name }));
    const set = (to: string, expected?: string | null) =>
      registry.setAlias('llama', 'production', to, { expected });
    await expect(set('v1', 'v3')).rejects.toMatchObject({
      code: 'alias_conflict',
      expected: 'v3',
      found: null,
      message: expect.stringMatching(/is not there and was expected to point at "v3"/),
    });
    expect(await set('v1', null)).toEqual({ alias: 'production', from: null, to: 'v1', changed: true });
    await expect(set('v2', null)).rejects.toMatchObject({
      code: 'alias_conflict',
      expected: null,
      found: 'v1',
      message: expect.stringMatching(/points at "v1" and was expected not to be there/),
    });
    expect(await set('v2', 'v1')).toEqual({ alias: 'production', from: 'v1', to: 'v2', changed: true });
    expect(await set('v2')).toEqual({ alias: 'production', from: 'v2', to: 'v2', changed: false });
    await expect(set('v9')).rejects.toMatchObject({
      code: 'version_not_found',
      message: expect.stringMatching(/has no version "v9"/),
    });
    expect(await registry.removeAlias('llama', 'production', { by: 'ann' })).toEqual({
      alias: 'production',
      from: 'v2',
      to: null,
      changed: true,
    });
    expect(await registry.removeAlias('llama', 'production')).toMatchObject({
      from: null,
      to: null,
      changed: false,
    });
    const { changes } = await registry.listAliasHistory('llama', 'production');
    expect(changes.map(({ from, to, by }) => [from, to, by])).toEqual([
      ['v2', null, 'ann'],
      ['v1', 'v2', 'trainer-7'],
      [null, 'v1', 'trainer-7'],
    ]);
  });

  test('latest is moved by registering alone', async () => {
    const registry = open();
    await registry.registerVersion(version());
    const reserved = { code: 'alias_reserved' };
    await expect(registry.setAlias('llama', 'latest', 'v1')).rejects.toMatchObject(reserved);
    await expect(registry.removeAlias('llama', 'Latest')).rejects.toMatchObject(reserved);
    expect((await registry.resolve('llama:latest')).version).toBe('v1');
  });

  test('a logical id has at most 1000', async () => {
    const registry = open();
    await registry.registerVersion(version());
    for (let number = 0; number < 1000; number += 1) await registry.setAlias('llama', `a${number}`, 'v1');
    await expect(registry.setAlias('llama', 'one-more', 'v1')).rejects.toMatchObject({
      code: 'too_many_aliases',
      expected: 1000,
      message: expect.stringMatching(/has 1000 aliases, so "one-more" cannot be added/),
    });
    expect((await registry.listAliases('llama')).length).toBe(1001);
  });
});

describe('tags and lineage', () => {
  test('tags are set, added and removed', async () => {
    const registry = open();
    await registry.registerVersion(version({ tags: ['b'] }));
    expect(await registry.addTags('llama', 'v1', ['a', 'b'])).toEqual(['a', 'b']);
    expect(await registry.removeTags('llama', 'v1', ['b', 'c'])).toEqual(['a']);
    expect(await registry.setTags('llama', 'v1', ['z', 'y'])).toEqual(['y', 'z']);
    const many = Array.from({ length: 99 }, (_, number) => `t${number}`);
    await expect(registry.addTags('llama', 'v1', many)).rejects.toMatchObject({
      code: 'too_many_tags',
      expected: 100,
      found: 101,
    });
    await expect(registry.setTags('llama', 'v2', [])).rejects.toMatchObject({ code: 'version_not_found' });
  });

  test('up and down, and bounded', async () => {
    const registry = open();
    await registry.registerVersion(version());
    for (let number = 2; number <= 13; number += 1) {
      await registry.registerVersion(version({ version: `v${number}`, parents: ['llama:latest'] }));
    }
    const up = await registry.getAncestors('llama', 'v13');
    expect([up.nodes.length, up.nodes.at(-1)?.version, up.truncated]).toEqual([11, 'v3', true]);
    const down = await registry.getDescendants('llama', 'v1', { depth: 100 });
    expect([down.nodes.length, down.truncated]).toEqual([13, false]);
    await expect(registry.getAncestors('llama', 'v14')).rejects.toMatchObject({ code: 'version_not_found' });
    await expect(registry.getAncestors('llama', 'v1', { depth: 101 })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });

  test('a graph with very many parents is cut', async () => {
    const registry = open();
    const parents = Array.from({ length: 100 }, (_, number) => `base@v${number}`);
    for (const parent of parents)
      await registry.registerVersion(version({ logicalId: 'base', version: parent.slice(5) }));
    for (let number = 0; number < 30; number += 1) {
      await registry.registerVersion(version({ version: `v${number}`, parents }));
    }
    const graph = await registry.getDescendants('base', 'v0');
    expect([graph.nodes.length, graph.truncated]).toEqual([21, true]);
  });
});

test('a registry is closed with its store, by await using too', async () => {
  const registry = open();
  await registry[Symbol.asyncDispose]();
  await expect(registry.getLatest('llama')).rejects.toMatchObject({ name: 'RegistryError', code: 'closed' });
});
