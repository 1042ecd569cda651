import { differingFields } from '../content.ts';
import { metadataTerms } from '../metadata-terms.ts';
import type { RegisterOutcome, Registration, VersionRef } from '../registry-store.ts';
import { type Db, selectVersion, storedVersions } from './rows.ts';

/** How many rows one INSERT takes: engines bound the number of parameters. */
const ROWS_AT_ONCE = 500;

/** RegistryStore.register, inside a transaction that writes. */
export async function register(db: Db, registration: Registration): Promise<RegisterOutcome> {
  const parents = await findParents(db, registration.parents);
  if ('missing' in parents) return { outcome: 'parent_not_found', parent: parents.missing };

  const lastSequence = await lockOrCreate(db, registration.logicalId);
  const existing = await stored(db, registration);
  if (existing !== undefined) {
    const differing = differingFields(existing, registration);
    if (differing.length === 0) return { outcome: 'already_registered', stored: existing };
    return { outcome: 'conflict', stored: existing, differing };
  }
  await insert(db, { registration, sequence: lastSequence + 1, parentIds: parents.ids });
  const written = await stored(db, registration);
  if (written === undefined) throw new Error('a version that was just inserted is not there');
  return { outcome: 'registered', stored: written };
}

async function stored(db: Db, ref: VersionRef) {
  const rows = await selectVersion(db, ref).execute();
  return (await storedVersions(db, rows))[0];
}

/** Versions are never removed, so a parent that is there stays there. */
async function findParents(
  db: Db,
  parents: readonly VersionRef[],
): Promise<{ readonly ids: readonly number[] } | { readonly missing: VersionRef }> {
  const ids: number[] = [];
  for (const parent of parents) {
    const row = await selectVersion(db, parent).executeTakeFirst();
    if (row === undefined) return { missing: parent };
    ids.push(row.id);
  }
  return { ids };
}

/** Like `lockLogicalId`, and a logical id that is new gets its row. */
async function lockOrCreate(db: Db, logicalId: string): Promise<number> {
  const row = await db
    .insertInto('logical_ids')
    .values({ logical_id: logicalId, last_sequence: 0 })
    .onConflict((conflict) =>
      conflict
        .column('logical_id')
        .doUpdateSet((expression) => ({ last_sequence: expression.ref('logical_ids.last_sequence') })),
    )
    .returning('last_sequence')
    .executeTakeFirstOrThrow();
  return row.last_sequence;
}

async function insert(
  db: Db,
  {
    registration,
    sequence,
    parentIds,
  }: {
    readonly registration: Registration;
    readonly sequence: number;
    readonly parentIds: readonly number[];
  },
): Promise<void> {
  const { id } = await db
    .insertInto('versions')
    .values({
      logical_id: registration.logicalId,
      sequence,
      version: registration.version,
      bucket_id: registration.bucketId,
      artifact_id: registration.artifactId,
      digest: registration.digest,
      size_bytes: registration.sizeBytes,
      kind: registration.kind,
      metadata: registration.metadata,
      created_at: registration.createdAt,
      registered_at: registration.registeredAt,
      registered_by: registration.registeredBy,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .updateTable('logical_ids')
    .set({ last_sequence: sequence })
    .where('logical_id', '=', registration.logicalId)
    .execute();
  const parents = parentIds.map((parentId, position) => ({ child_id: id, position, parent_id: parentId }));
  for (const rows of slices(parents)) await db.insertInto('parents').values(rows).execute();
  const tags = registration.tags.map((tag) => ({ version_id: id, tag }));
  for (const rows of slices(tags)) await db.insertInto('tags').values(rows).execute();
  const terms = metadataTerms(registration.metadata).map((term) => ({ term, version_id: id }));
  for (const rows of slices(terms)) await db.insertInto('metadata_terms').values(rows).execute();
}

function* slices<Row>(rows: readonly Row[]): Generator<Row[]> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
    yield rows.slice(start, start + ROWS_AT_ONCE);
}
