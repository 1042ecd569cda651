import type { LineageGraph, LineageQuery } from '../registry-store.ts';
import { type LineageStep, walkLineage } from '../walk-lineage.ts';
import { type Db, parentsOf, selectVersion, selectVersions, type VersionRow } from './rows.ts';

/** RegistryStore.lineage. */
export async function lineage(db: Db, query: LineageQuery): Promise<LineageGraph | null> {
  const [start] = await stepsOf(db, await selectVersion(db, query).execute());
  if (start === undefined) return null;
  const walk = walkLineage(start, query);
  let next = walk.next();
  while (!next.done) next = walk.next(await neighbours(db, next.value, query));
  return next.value;
}

/** The versions one step from these ids, each once. */
async function neighbours(
  db: Db,
  ids: readonly number[],
  { direction, maxNodes }: LineageQuery,
): Promise<LineageStep<number>[]> {
  const [here, there] =
    direction === 'up' ? (['child_id', 'parent_id'] as const) : (['parent_id', 'child_id'] as const);
  const rows = await selectVersions(db)
    .where('versions.id', 'in', (expression) =>
      expression.selectFrom('parents').select(`parents.${there}`).where(`parents.${here}`, 'in', ids),
    )
    .orderBy('versions.logical_id')
    .orderBy('versions.sequence')
    .limit(maxNodes + 1)
    .execute();
  return stepsOf(db, rows);
}

async function stepsOf(db: Db, rows: readonly VersionRow[]): Promise<LineageStep<number>[]> {
  const parents = await parentsOf(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, logical_id, version, digest, kind }) => ({
    id,
    node: { logicalId: logical_id, version, digest, kind, parents: parents.get(id) ?? [] },
  }));
}
