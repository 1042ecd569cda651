import {
  type AliasChange,
  type AliasHistoryPage,
  type AliasHistoryQuery,
  type AliasOutcome,
  LATEST,
  type StoredAlias,
  type StoredAliasChange,
} from '../registry-store.ts';
import { type Db, lockLogicalId, selectVersion, selectVersions } from './rows.ts';

/** RegistryStore.changeAlias, inside a transaction that writes. */
export async function changeAlias(db: Db, change: AliasChange): Promise<AliasOutcome> {
  const { logicalId, to, expected } = change;
  await lockLogicalId(db, logicalId);
  const target =
    to === null ? undefined : await selectVersion(db, { logicalId, version: to }).executeTakeFirst();
  if (to !== null && target === undefined) return { outcome: 'version_not_found' };

  const from = await pointedAt(db, change);
  if (expected !== undefined && expected !== from) return { outcome: 'conflict', found: from };
  if (from === to) return { outcome: 'unchanged' };
  if (from === null && (await countAliases(db, logicalId)) >= change.maxAliases)
    return { outcome: 'too_many' };

  if (target === undefined) await remove(db, change);
  else await point(db, change, target.id);
  await writeHistory(db, change, from);
  return { outcome: 'changed', from };
}

type Names = { readonly logicalId: string; readonly alias: string };

async function pointedAt(db: Db, { logicalId, alias }: Names): Promise<string | null> {
  const row = await db
    .selectFrom('aliases')
    .innerJoin('versions', 'versions.id', 'aliases.version_id')
    .select('versions.version')
    .where('aliases.logical_id', '=', logicalId)
    .where('aliases.alias', '=', alias)
    .executeTakeFirst();
  return row?.version ?? null;
}

async function countAliases(db: Db, logicalId: string): Promise<number> {
  const { count } = await db
    .selectFrom('aliases')
    .select((expression) => expression.fn.countAll<number>().as('count'))
    .where('logical_id', '=', logicalId)
    .executeTakeFirstOrThrow();
  return count;
}

async function point(db: Db, { logicalId, alias, at, by }: AliasChange, versionId: number): Promise<void> {
  const values = { version_id: versionId, set_at: at, set_by: by };
  await db
    .insertInto('aliases')
    .values({ logical_id: logicalId, alias, ...values })
    .onConflict((conflict) => conflict.columns(['logical_id', 'alias']).doUpdateSet(values))
    .execute();
}

async function remove(db: Db, { logicalId, alias }: Names): Promise<void> {
  await db.deleteFrom('aliases').where('logical_id', '=', logicalId).where('alias', '=', alias).execute();
}

async function writeHistory(db: Db, change: AliasChange, from: string | null): Promise<void> {
  const { logicalId, alias, to, at, by } = change;
  const last = await db
    .selectFrom('alias_changes')
    .select('number')
    .where('logical_id', '=', logicalId)
    .where('alias', '=', alias)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  await db
    .insertInto('alias_changes')
    .values({
      logical_id: logicalId,
      alias,
      number: (last?.number ?? 0) + 1,
      from_version: from,
      to_version: to,
      changed_at: at,
      changed_by: by,
    })
    .execute();
}

/** RegistryStore.aliases. */
export async function aliases(db: Db, logicalId: string): Promise<StoredAlias[]> {
  const rows = await db
    .selectFrom('aliases')
    .innerJoin('versions', 'versions.id', 'aliases.version_id')
    .select(['aliases.alias', 'versions.version', 'aliases.set_at as setAt', 'aliases.set_by as setBy'])
    .where('aliases.logical_id', '=', logicalId)
    .execute();
  const latest = await selectVersions(db)
    .where('versions.logical_id', '=', logicalId)
    .whereRef('versions.sequence', '=', 'logical_ids.last_sequence')
    .execute();
  const derived = latest.map(({ version, registered_at, registered_by }) => ({
    alias: LATEST,
    version,
    setAt: registered_at,
    setBy: registered_by,
  }));
  return [...rows, ...derived].sort((one, other) => (one.alias < other.alias ? -1 : 1));
}

/** RegistryStore.aliasHistory. */
export async function aliasHistory(db: Db, query: AliasHistoryQuery): Promise<AliasHistoryPage> {
  const changes = query.alias === LATEST ? await registrations(db, query) : await aliasChanges(db, query);
  const shown = changes.slice(0, query.limit);
  return { changes: shown, next: changes.length > query.limit ? (shown.at(-1)?.number ?? null) : null };
}

/** One more than the limit. */
async function aliasChanges(db: Db, { logicalId, alias, limit, before }: AliasHistoryQuery) {
  let rows = db
    .selectFrom('alias_changes')
    .select(['number', 'from_version as from', 'to_version as to', 'changed_at as at', 'changed_by as by'])
    .where('logical_id', '=', logicalId)
    .where('alias', '=', alias);
  if (before !== undefined) rows = rows.where('number', '<', before);
  return rows
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute();
}

/** One more than the limit: what `latest` came from is the version that was registered before. */
async function registrations(
  db: Db,
  { logicalId, limit, before }: AliasHistoryQuery,
): Promise<StoredAliasChange[]> {
  let query = db
    .selectFrom('versions')
    .select(['sequence', 'version', 'registered_at', 'registered_by'])
    .where('logical_id', '=', logicalId);
  if (before !== undefined) query = query.where('sequence', '<', before);
  const rows = await query
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute();
  return rows.map(({ sequence, version, registered_at, registered_by }, index) => ({
    number: sequence,
    from: rows[index + 1]?.version ?? null,
    to: version,
    at: registered_at,
    by: registered_by,
  }));
}
