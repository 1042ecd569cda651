import { expect } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { openRegistry, type Registry } from '../../src/registry/registry.ts';
import type { VersionRecord } from '../../src/registry/versions.ts';
import { openInThread } from '../../src/stores/sqlite/in-thread.ts';

/** Opens the registry, as one who comes later, and closes it in the end. */
export async function withRegistry<Result>(
  path: string,
  work: (registry: Registry) => Promise<Result>,
): Promise<Result> {
  const registry = openRegistry({ store: openInThread({ path, busyTimeoutMs: 20_000 }), actor: 'tester' });
  try {
    return await work(registry);
  } finally {
    await registry.close();
  }
}

/** What SQLite itself says of the file. */
export function expectSoundFile(path: string): void {
  const db = new BetterSqlite3(path);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.pragma('foreign_key_check')).toEqual([]);
  db.close();
}

/** All versions of a logical id, newest first. Their sequence has no hole, and the newest alone is the latest. */
export async function expectWholeSequence(registry: Registry, logicalId: string): Promise<VersionRecord[]> {
  const versions: VersionRecord[] = [];
  let cursor: string | null = null;
  do {
    const page = await registry.listVersions(logicalId, { limit: 500, cursor });
    versions.push(...page.versions);
    cursor = page.cursor;
  } while (cursor !== null);
  expect(versions.map(({ sequence }) => sequence)).toEqual(
    versions.map((_, index) => versions.length - index),
  );
  expect(versions.filter(({ isLatest }) => isLatest)).toEqual(versions.slice(0, 1));
  expect((await registry.getLatest(logicalId)) ?? undefined).toEqual(versions[0]);
  return versions;
}

/** How often an alias was moved. Its history is one chain, and it points at the end of it. */
export async function expectOneChain(registry: Registry, logicalId: string, alias: string): Promise<number> {
  const changes = [];
  let cursor: string | null = null;
  do {
    const page = await registry.listAliasHistory(logicalId, alias, { limit: 500, cursor });
    changes.push(...page.changes);
    cursor = page.cursor;
  } while (cursor !== null);
  const chain = [...changes.map(({ from }) => from)];
  expect(chain).toEqual([...changes.slice(1).map(({ to }) => to), ...(changes.length > 0 ? [null] : [])]);
  expect((await registry.getVersionByAlias(logicalId, alias))?.version).toBe(changes[0]?.to ?? undefined);
  return changes.length;
}
