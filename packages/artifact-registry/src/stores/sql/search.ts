import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { metadataTerms } from '../metadata-terms.ts';
import { countOnPage, ENTRY_WEIGHT } from '../page-weight.ts';
import type { SearchPage, SearchPosition, SearchQuery } from '../registry-store.ts';
import { type Db, selectVersions, storedVersions } from './rows.ts';
import type { Tables } from './tables.ts';

type Builder = ExpressionBuilder<Tables, 'versions' | 'logical_ids'>;

type TextColumn =
  `versions.${'logical_id' | 'bucket_id' | 'artifact_id' | 'version' | 'digest' | 'registered_by'}`;

/** RegistryStore.search. */
export async function search(db: Db, query: SearchQuery): Promise<SearchPage> {
  const heads = await selectVersions(db)
    .clearSelect()
    .select((expression) => ['versions.id', weightOf(expression).as('weight')])
    .where((expression) => expression.and(conditions(expression, query)))
    .orderBy('versions.logical_id')
    .orderBy('versions.sequence', 'desc')
    .limit(query.limit + 1)
    .execute();
  const count = countOnPage(
    heads.map(({ weight }) => weight),
    query.limit,
  );
  if (count === 0) return { versions: [], next: null };
  const ids = heads.slice(0, count).map(({ id }) => id);
  const rows = await selectVersions(db)
    .where('versions.id', 'in', ids)
    .orderBy('versions.logical_id')
    .orderBy('versions.sequence', 'desc')
    .execute();
  const versions = await storedVersions(db, rows);
  return { versions, next: heads.length > count ? positionOf(versions.at(-1)) : null };
}

function positionOf(last: SearchPosition | undefined): SearchPosition | null {
  return last === undefined ? null : { logicalId: last.logicalId, sequence: last.sequence };
}

/** In characters, as page-weight.ts counts. */
function weightOf(expression: Builder) {
  const { fn } = expression;
  const countIn = (table: 'parents' | 'tags', column: 'parents.child_id' | 'tags.version_id') =>
    expression
      .selectFrom(table)
      .select(fn.countAll<number>().as('count'))
      .whereRef(column, '=', 'versions.id');
  const parents = countIn('parents', 'parents.child_id');
  const tags = countIn('tags', 'tags.version_id');
  const entries = expression.parens(expression(parents, '+', tags));
  const weight = expression(
    fn<number>('length', ['versions.metadata']),
    '+',
    expression(entries, '*', ENTRY_WEIGHT),
  );
  return weight.$castTo<number>();
}

function conditions(expression: Builder, query: SearchQuery): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  const equal = (column: TextColumn, value: string | undefined) => {
    if (value !== undefined) all.push(expression(column, '=', value));
  };
  equal('versions.logical_id', query.logicalId);
  equal('versions.bucket_id', query.bucketId);
  equal('versions.artifact_id', query.artifactId);
  equal('versions.version', query.version);
  equal('versions.digest', query.digest);
  equal('versions.registered_by', query.registeredBy);
  if (query.kind !== undefined) all.push(expression('versions.kind', '=', query.kind));
  if (query.logicalIdPrefix !== undefined) all.push(...within(expression, query.logicalIdPrefix));
  if (query.latestOnly)
    all.push(expression('versions.sequence', '=', expression.ref('logical_ids.last_sequence')));
  for (const tag of query.tags) {
    const tagged = expression.selectFrom('tags').select('version_id').where('tag', '=', tag);
    all.push(expression('versions.id', 'in', tagged));
  }
  for (const term of query.metadata === undefined ? [] : metadataTerms(query.metadata)) {
    const having = expression.selectFrom('metadata_terms').select('version_id').where('term', '=', term);
    all.push(expression('versions.id', 'in', having));
  }
  if (query.after !== undefined) all.push(behind(expression, query.after));
  return all;
}

/** From the prefix up to the first text behind all that begin with it. A prefix is ASCII, so the next character is too. */
function within(expression: Builder, prefix: string): Expression<SqlBool>[] {
  const last = prefix.length - 1;
  const end = prefix.slice(0, last) + String.fromCharCode(prefix.charCodeAt(last) + 1);
  return [expression('versions.logical_id', '>=', prefix), expression('versions.logical_id', '<', end)];
}

function behind(expression: Builder, { logicalId, sequence }: SearchPosition): Expression<SqlBool> {
  return expression.or([
    expression('versions.logical_id', '>', logicalId),
    expression.and([
      expression('versions.logical_id', '=', logicalId),
      expression('versions.sequence', '<', sequence),
    ]),
  ]);
}
