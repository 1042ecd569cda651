import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openRegistry, type Registry } from '../../src/registry/registry.ts';
import type { VersionQuery, VersionRecord } from '../../src/registry/versions.ts';
import { type ModelVersion, nameOf, RegistryModel } from '../helpers/registry-model.ts';
import { runsOf, timeFor } from '../helpers/runs.ts';
import { memoryUnderTest, sqliteInThread } from '../helpers/stores.ts';

const LOGICAL_IDS = ['a', 'a-b', 'b'];
const VERSIONS = ['v1', 'V1', '1.0', 'x y'];
const ALIASES = ['production', 'Production', 'staging'];
const TAGS = ['one', 'two', 'k=v'];
const DIGESTS = ['0', '1', '2'].map((digit) => `sha256:${digit.repeat(64)}`);

const logicalId = fc.constantFrom(...LOGICAL_IDS);
const version = fc.constantFrom(...VERSIONS);
const alias = fc.constantFrom(...ALIASES);
const tags = fc.subarray(TAGS);
const digest = fc.constantFrom(...DIGESTS);
const metadata = fc.dictionary(
  fc.constantFrom('task', 'n', ''),
  fc.constantFrom<null | boolean | number | string | number[] | Record<string, number>>(
    ...[null, true, 0, 1, 1.5, '', '1', 'true'],
    ...[[], [1, 2], [2, 1], {}, { x: 1, y: 2 }, { y: 2, x: 1 }],
  ),
  { maxKeys: 2, noNullPrototype: true },
);

/** One step of a history: what is done, and that it comes out as the model says. */
type Step = (registry: Registry, model: RegistryModel) => Promise<void>;

const registering: fc.Arbitrary<Step> = fc
  .record({
    logicalId,
    version,
    digest,
    metadata,
    tags,
    parents: fc.array(fc.tuple(logicalId, version), { maxLength: 2 }),
  })
  .map((given) => async (registry, model) => {
    const parents = given.parents
      .map(([id, name]) => nameOf({ logicalId: id, version: name }))
      .filter((name) => name !== nameOf(given));
    const sent: ModelVersion = { ...given, parents, tags: given.tags };
    const expected = model.register(sent);
    const found = await outcomeOf(async () => {
      const { alreadyRegistered } = await registry.registerVersion({
        ...sent,
        bucketId: 'models',
        artifactId: given.logicalId,
        sizeBytes: 1,
        // fast-check gives plain JSON values
        metadata: given.metadata,
      });
      return alreadyRegistered ? 'already' : 'registered';
    });
    expect(found).toBe(expected);
  });

const aliasing: fc.Arbitrary<Step> = fc
  .record({
    logicalId,
    alias,
    to: fc.option(version),
    expected: fc.oneof(fc.constant(undefined), fc.constant(null), version),
  })
  .map(({ logicalId: id, alias: name, to, expected }) => async (registry, model) => {
    const outcome = model.setAlias(id, { alias: name, to, expected });
    const found = await outcomeOf(async () => {
      const result =
        to === null
          ? await registry.removeAlias(id, name, { expected })
          : await registry.setAlias(id, name, to, { expected });
      return result.changed ? 'changed' : 'unchanged';
    });
    expect(found).toBe(outcome);
  });

const tagging: fc.Arbitrary<Step> = fc
  .record({ logicalId, version, tags, how: fc.constantFrom('setTags', 'addTags', 'removeTags') })
  .map(({ logicalId: id, version: name, tags: given, how }) => async (registry, model) => {
    const row = model.get(id, name);
    const after = {
      setTags: given,
      addTags: [...new Set([...(row?.tags ?? []), ...given])],
      removeTags: (row?.tags ?? []).filter((tag) => !given.includes(tag)),
    }[how].toSorted();
    if (row !== undefined) row.tags = after;
    const found = await outcomeOf(async () => registry[how](id, name, given));
    expect(found).toEqual(row === undefined ? 'version_not_found' : after);
  });

const query = fc.record(
  {
    logicalIdPrefix: fc.constantFrom('a', 'a-', 'b', 'c'),
    digest,
    tags,
    metadata,
    latestOnly: fc.boolean(),
  },
  { requiredKeys: [] },
);
const limit = fc.integer({ min: 1, max: 5 });

async function outcomeOf<Result>(call: () => Promise<Result>): Promise<Result | string> {
  try {
    return await call();
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
    throw error;
  }
}

async function allPages(registry: Registry, given: VersionQuery): Promise<VersionRecord[]> {
  const found: VersionRecord[] = [];
  let cursor: string | null = null;
  do {
    const page = await registry.search({ ...given, cursor });
    expect(page.versions.length).toBeLessThanOrEqual(given.limit ?? 100);
    found.push(...page.versions);
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}

async function expectSameReferences(registry: Registry, model: RegistryModel): Promise<void> {
  const resolved = (reference: string) => outcomeOf(async () => nameOf(await registry.resolve(reference)));
  const named = (found: ModelVersion | undefined, otherwise: string) => (found ? nameOf(found) : otherwise);
  for (const id of LOGICAL_IDS) {
    expect(await resolved(`${id}:latest`)).toBe(named(model.latest(id), 'alias_not_found'));
    for (const name of VERSIONS) {
      expect(await resolved(`${id}@${name}`)).toBe(named(model.get(id, name), 'version_not_found'));
    }
    for (const name of ALIASES) {
      const target = model.aliases.get(`${id}:${name}`);
      const found = target === undefined ? undefined : model.get(id, target);
      expect(await resolved(`${id}:${name}`)).toBe(named(found, 'alias_not_found'));
      const { changes } = await registry.listAliasHistory(id, name);
      const history = model.history.filter((change) => change.alias === `${id}:${name}`).toReversed();
      expect(changes.map(({ from, to }) => ({ alias: `${id}:${name}`, from, to }))).toEqual(history);
    }
    for (const hash of DIGESTS) {
      const first = model.of(id).find((candidate) => candidate.digest === hash);
      expect(await resolved(`${id}@${hash}`)).toBe(named(first, 'version_not_found'));
    }
  }
}

async function expectSameVersions(registry: Registry, model: RegistryModel): Promise<void> {
  const found = await allPages(registry, { limit: 3 });
  expect(found.map(nameOf)).toEqual(model.search({}));
  for (const record of found) {
    const row = model.get(record.logicalId, record.version);
    expect({ digest: record.digest, metadata: record.metadata, tags: record.tags }).toEqual({
      digest: row?.digest,
      metadata: row?.metadata,
      tags: row?.tags,
    });
    expect(record.isLatest).toBe(model.latest(record.logicalId) === row);
    expect(model.of(record.logicalId)[record.sequence - 1]).toBe(row);
    for (const [graph, direction] of [
      [await registry.getAncestors(record.logicalId, record.version, { depth: 100 }), 'up'],
      [await registry.getDescendants(record.logicalId, record.version, { depth: 100 }), 'down'],
    ] as const) {
      expect(graph.truncated).toBe(false);
      expect(graph.nodes.map(nameOf).toSorted()).toEqual(
        [...model.reachable(nameOf(record), direction)].sort(),
      );
    }
  }
}

const engines = [
  { name: 'memory', open: memoryUnderTest, numRuns: runsOf(75) },
  { name: 'SQLite', open: sqliteInThread, numRuns: runsOf(15) },
];

describe.each(engines)('any history on $name', ({ open, numRuns }) => {
  test(
    'comes out as a simple model says, call by call and at the end',
    async () => {
      const step = fc.oneof({ weight: 3, arbitrary: registering }, aliasing, tagging);
      const steps = fc.array(step, { maxLength: 40, size: 'max' });
      const searches = fc.array(fc.tuple(query, limit), { minLength: 3, maxLength: 6 });
      await fc.assert(
        fc.asyncProperty(steps, searches, async (history, queries) => {
          const { store, dispose } = await open();
          try {
            const registry = openRegistry({ store, actor: 'tester' });
            const model = new RegistryModel();
            for (const run of history) await run(registry, model);
            await expectSameReferences(registry, model);
            await expectSameVersions(registry, model);
            for (const [conditions, most] of queries) {
              const found = await allPages(registry, { ...conditions, limit: most });
              expect(found.map(nameOf)).toEqual(model.search(conditions));
            }
          } finally {
            await dispose();
          }
        }),
        { numRuns },
      );
    },
    timeFor(numRuns),
  );
});
