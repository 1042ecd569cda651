import { createHash } from 'node:crypto';
import type {
  AliasChange,
  Registration,
  RegistryStore,
  SearchPosition,
  SearchQuery,
  StoredVersion,
} from '../stores/registry-store.ts';

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** A registration; everything that a test does not care about is filled in. */
export function sample(given: Partial<Registration> = {}): Registration {
  const logicalId = given.logicalId ?? 'llama-3-8b';
  const version = given.version ?? 'v1';
  return {
    logicalId,
    version,
    bucketId: 'prod-models',
    artifactId: logicalId,
    digest: digestOf(`${logicalId}@${version}`),
    sizeBytes: 1234,
    kind: 'artifact',
    metadata: '{}',
    createdAt: '2026-01-29T10:29:59Z',
    registeredAt: '2026-01-29T10:30:00.000Z',
    registeredBy: 'trainer-7',
    parents: [],
    tags: [],
    ...given,
  };
}

/** Registers samples one after another. */
export async function registerAll(
  store: RegistryStore,
  registrations: readonly Partial<Registration>[],
): Promise<void> {
  for (const given of registrations) {
    const { outcome } = await store.register(sample(given));
    if (outcome !== 'registered') throw new Error(`registering a sample came out as ${outcome}`);
  }
}

/** An alias change; everything that a test does not care about is filled in. */
export function aliasChange(given: Partial<AliasChange>): AliasChange {
  return {
    logicalId: 'llama-3-8b',
    alias: 'production',
    to: 'v1',
    expected: undefined,
    at: '2026-01-29T11:00:00.000Z',
    by: 'release-job',
    maxAliases: 1000,
    ...given,
  };
}

/** No test has more. */
const MOST_PAGES = 1000;

/** All pages of a search put together, and how many there were. */
export async function searchAll(
  store: RegistryStore,
  given: Partial<SearchQuery> = {},
): Promise<{ readonly versions: StoredVersion[]; readonly pages: number }> {
  const versions: StoredVersion[] = [];
  let after: SearchPosition | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await store.search({ tags: [], latestOnly: false, limit: 100, ...given, after });
    versions.push(...page.versions);
    if (page.next === null) return { versions, pages };
    if (pages > MOST_PAGES) throw new Error('the pages of a search do not come to an end');
    after = page.next;
  }
}

/** `name@version` of each, in order. */
export function namesOf(
  versions: readonly { readonly logicalId: string; readonly version: string }[],
): string[] {
  return versions.map(({ logicalId, version }) => `${logicalId}@${version}`);
}

/** All changes of an alias, newest first, its pages put together. */
export async function wholeHistory(
  store: RegistryStore,
  names: { logicalId: string; alias: string },
  limit = 3,
) {
  const changes = [];
  let before: number | undefined;
  for (;;) {
    const page = await store.aliasHistory({ ...names, limit, before });
    changes.push(...page.changes);
    if (page.next === null) return changes;
    if (changes.length > MOST_PAGES) throw new Error('the pages of a history do not come to an end');
    before = page.next;
  }
}

/** JSON texts that do not survive a parse and a stringify, or a column of a type that knows JSON. */
export const AWKWARD_METADATA: readonly string[] = [
  '{}',
  '{ "b" : 1 ,\n\t"a":2 }',
  '{"n":1.0,"m":1e3,"z":-0}',
  '{"s":"\\u0041\\/\\u0000"}',
  '{"s":"é😀\u2028","":0}',
  '{"__proto__":{"x":1},"constructor":null,"toString":"x"}',
  `{"deep":${'['.repeat(30)}${']'.repeat(30)}}`,
];
