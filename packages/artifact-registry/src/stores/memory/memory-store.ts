import { changedTags } from '../changed-tags.ts';
import { closedError } from '../closed.ts';
import { differingFields } from '../content.ts';
import {
  type AliasChange,
  type AliasHistoryPage,
  type AliasHistoryQuery,
  type AliasOutcome,
  LATEST,
  type LineageGraph,
  type LineageQuery,
  type RegisterOutcome,
  type Registration,
  type RegistryStore,
  type SearchPage,
  type SearchQuery,
  type StoredAlias,
  type StoredAliasChange,
  type StoredVersion,
  type TagChange,
  type TagOutcome,
  type VersionKey,
  type VersionRef,
} from '../registry-store.ts';
import { type LineageStep, walkLineage } from '../walk-lineage.ts';
import { createRow, type LogicalId, latestOf, type Row, storedVersion } from './rows.ts';
import { search } from './search.ts';

/** Everything of a registry; one transaction is one call of a function here, which nothing can interrupt. */
class Memory {
  readonly #logicalIds = new Map<string, LogicalId>();

  register(registration: Registration): RegisterOutcome {
    const parents: Row[] = [];
    for (const parent of registration.parents) {
      const row = this.#row(parent);
      if (row === undefined) return { outcome: 'parent_not_found', parent };
      parents.push(row);
    }
    const existing = this.#row(registration);
    if (existing !== undefined) {
      const stored = storedVersion(existing);
      const differing = differingFields(stored, registration);
      if (differing.length === 0) return { outcome: 'already_registered', stored };
      return { outcome: 'conflict', stored, differing };
    }
    const row = createRow(this.#logicalIdOf(registration.logicalId), registration);
    for (const parent of parents) parent.children.push(row);
    return { outcome: 'registered', stored: storedVersion(row) };
  }

  find(key: VersionKey): StoredVersion | null {
    const logicalId = this.#logicalIds.get(key.logicalId);
    const row = logicalId && rowOf(logicalId, key);
    return row === undefined ? null : storedVersion(row);
  }

  search(query: SearchQuery): SearchPage {
    return search(this.#logicalIds, query);
  }

  changeAlias(change: AliasChange): AliasOutcome {
    const { alias, to, expected, at, by } = change;
    const logicalId = this.#logicalIds.get(change.logicalId);
    if (to !== null && !logicalId?.byVersion.has(to)) return { outcome: 'version_not_found' };
    const from = logicalId?.aliases.get(alias)?.version ?? null;
    if (expected !== undefined && expected !== from) return { outcome: 'conflict', found: from };
    if (logicalId === undefined || from === to) return { outcome: 'unchanged' };
    if (from === null && logicalId.aliases.size >= change.maxAliases) return { outcome: 'too_many' };

    if (to === null) logicalId.aliases.delete(alias);
    else logicalId.aliases.set(alias, { alias, version: to, setAt: at, setBy: by });
    const changes = logicalId.aliasChanges.get(alias) ?? [];
    logicalId.aliasChanges.set(alias, changes);
    changes.push({ number: changes.length + 1, from, to, at, by });
    return { outcome: 'changed', from };
  }

  aliases(name: string): StoredAlias[] {
    const logicalId = this.#logicalIds.get(name);
    if (logicalId === undefined) return [];
    const { version, registeredAt, registeredBy } = latestOf(logicalId).registration;
    const latest = { alias: LATEST, version, setAt: registeredAt, setBy: registeredBy };
    return [...logicalId.aliases.values(), latest].sort((one, other) => (one.alias < other.alias ? -1 : 1));
  }

  aliasHistory({ logicalId: name, alias, limit, before }: AliasHistoryQuery): AliasHistoryPage {
    const logicalId = this.#logicalIds.get(name);
    if (logicalId === undefined) return { changes: [], next: null };
    const all = alias === LATEST ? registrations(logicalId) : (logicalId.aliasChanges.get(alias) ?? []);
    // Change number n stands at index n - 1.
    const end = before === undefined ? all.length : Math.min(all.length, Math.max(0, before - 1));
    const start = Math.max(0, end - limit);
    const changes = all.slice(start, end).reverse();
    return { changes, next: start > 0 ? start + 1 : null };
  }

  changeTags(change: TagChange): TagOutcome {
    const row = this.#row(change);
    if (row === undefined) return { outcome: 'version_not_found' };
    const tags = changedTags(row.tags, change);
    if (tags.length > change.maxTags) return { outcome: 'too_many', found: tags.length };
    row.tags = tags;
    return { outcome: 'changed', tags };
  }

  lineage(query: LineageQuery): LineageGraph | null {
    const start = this.#row(query);
    if (start === undefined) return null;
    const walk = walkLineage(stepOf(start), query);
    let next = walk.next();
    while (!next.done) {
      const found = next.value.flatMap((row) =>
        query.direction === 'up' ? this.#parents(row) : row.children,
      );
      next = walk.next(
        [...new Set(found)]
          .sort(byName)
          .slice(0, query.maxNodes + 1)
          .map(stepOf),
      );
    }
    return next.value;
  }

  #row({ logicalId, version }: VersionRef): Row | undefined {
    return this.#logicalIds.get(logicalId)?.byVersion.get(version);
  }

  #parents({ registration }: Row): Row[] {
    return registration.parents.flatMap((parent) => this.#row(parent) ?? []);
  }

  #logicalIdOf(name: string): LogicalId {
    const known = this.#logicalIds.get(name);
    if (known !== undefined) return known;
    const created: LogicalId = {
      rows: [],
      byVersion: new Map(),
      aliases: new Map(),
      aliasChanges: new Map(),
    };
    this.#logicalIds.set(name, created);
    return created;
  }
}

function rowOf(logicalId: LogicalId, key: VersionKey): Row | undefined {
  if ('version' in key) return logicalId.byVersion.get(key.version);
  if ('digest' in key) return logicalId.rows.find((row) => row.registration.digest === key.digest);
  if (key.alias === LATEST) return latestOf(logicalId);
  return logicalId.byVersion.get(logicalId.aliases.get(key.alias)?.version ?? '');
}

/** What `latest` has pointed at. */
function registrations({ rows }: LogicalId): StoredAliasChange[] {
  return rows.map(({ sequence, registration }, index) => ({
    number: sequence,
    from: rows[index - 1]?.registration.version ?? null,
    to: registration.version,
    at: registration.registeredAt,
    by: registration.registeredBy,
  }));
}

function stepOf(row: Row): LineageStep<Row> {
  const { logicalId, version, digest, kind, parents } = row.registration;
  return { id: row, node: { logicalId, version, digest, kind, parents } };
}

function byName(one: Row, other: Row): number {
  const [left, right] = [one.registration.logicalId, other.registration.logicalId];
  if (left !== right) return left < right ? -1 : 1;
  return one.sequence - other.sequence;
}

/** A registry in memory: for tests, and for programs that need none that stays. It is gone with the process. */
export function memoryStore(): RegistryStore {
  const memory = new Memory();
  let isClosed = false;
  const run = async <Result>(work: () => Result): Promise<Result> => {
    if (isClosed) throw closedError();
    return work();
  };
  return {
    register: (registration) => run(() => memory.register(registration)),
    find: (key) => run(() => memory.find(key)),
    search: (query) => run(() => memory.search(query)),
    changeAlias: (change) => run(() => memory.changeAlias(change)),
    aliases: (logicalId) => run(() => memory.aliases(logicalId)),
    aliasHistory: (query) => run(() => memory.aliasHistory(query)),
    changeTags: (change) => run(() => memory.changeTags(change)),
    lineage: (query) => run(() => memory.lineage(query)),
    async close() {
      isClosed = true;
    },
  };
}
