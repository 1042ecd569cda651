import type { Kysely, Selectable } from 'kysely';
import type { StoredVersion, VersionRef } from '../registry-store.ts';
import type { Tables } from './tables.ts';

export type Db = Kysely<Tables>;

export type VersionRow = Selectable<Tables['versions']> & { last_sequence: number };

/** Every version with the last sequence of its logical id beside it. */
export function selectVersions(db: Db) {
  return db
    .selectFrom('versions')
    .innerJoin('logical_ids', 'logical_ids.logical_id', 'versions.logical_id')
    .selectAll('versions')
    .select('logical_ids.last_sequence');
}

/** The row with this name, whatever a transaction has seen before. */
export function selectVersion(db: Db, { logicalId, version }: VersionRef) {
  return selectVersions(db)
    .where('versions.logical_id', '=', logicalId)
    .where('versions.version', '=', version);
}

/** The versions of the rows, in their order, with parents and tags. */
export async function storedVersions(db: Db, rows: readonly VersionRow[]): Promise<StoredVersion[]> {
  const ids = rows.map(({ id }) => id);
  const [parents, tags] = [await parentsOf(db, ids), await tagsOf(db, ids)];
  return rows.map((row) => ({
    logicalId: row.logical_id,
    version: row.version,
    bucketId: row.bucket_id,
    artifactId: row.artifact_id,
    digest: row.digest,
    sizeBytes: row.size_bytes,
    kind: row.kind,
    metadata: row.metadata,
    createdAt: row.created_at,
    registeredAt: row.registered_at,
    registeredBy: row.registered_by,
    sequence: row.sequence,
    isLatest: row.sequence === row.last_sequence,
    parents: parents.get(row.id) ?? [],
    tags: tags.get(row.id) ?? [],
  }));
}

/** The parents of each of these versions, in the order given. */
export async function parentsOf(db: Db, ids: readonly number[]): Promise<Map<number, VersionRef[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('parents')
    .innerJoin('versions', 'versions.id', 'parents.parent_id')
    .select(['parents.child_id as id', 'versions.logical_id', 'versions.version'])
    .where('parents.child_id', 'in', ids)
    .orderBy('parents.child_id')
    .orderBy('parents.position')
    .execute();
  return grouped(rows, ({ logical_id, version }) => ({ logicalId: logical_id, version }));
}

/** The tags of each of these versions, sorted. */
export async function tagsOf(db: Db, ids: readonly number[]): Promise<Map<number, string[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('tags')
    .select(['version_id as id', 'tag'])
    .where('version_id', 'in', ids)
    .orderBy('version_id')
    .orderBy('tag')
    .execute();
  return grouped(rows, ({ tag }) => tag);
}

function grouped<Row extends { readonly id: number }, Value>(
  rows: readonly Row[],
  valueIn: (row: Row) => Value,
): Map<number, Value[]> {
  const groups = new Map<number, Value[]>();
  for (const row of rows) {
    const group = groups.get(row.id);
    if (group === undefined) groups.set(row.id, [valueIn(row)]);
    else group.push(valueIn(row));
  }
  return groups;
}

/**
 * Makes the transaction the only one that writes this logical id, until it ends: on an engine that lets several write
 * at once, the others wait for the row. Returns the last sequence, or undefined where nothing is registered.
 */
export async function lockLogicalId(db: Db, logicalId: string): Promise<number | undefined> {
  const row = await db
    .updateTable('logical_ids')
    .set((expression) => ({ last_sequence: expression.ref('last_sequence') }))
    .where('logical_id', '=', logicalId)
    .returning('last_sequence')
    .executeTakeFirst();
  return row?.last_sequence;
}
