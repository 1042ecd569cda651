import { metadataTerms } from '../metadata-terms.ts';
import { countOnPage, ENTRY_WEIGHT } from '../page-weight.ts';
import type { SearchPage, SearchQuery } from '../registry-store.ts';
import { type LogicalId, latestOf, type Row, storedVersion } from './rows.ts';

/** RegistryStore.search. */
export function search(logicalIds: ReadonlyMap<string, LogicalId>, query: SearchQuery): SearchPage {
  const found: Row[] = [];
  for (const row of matching(logicalIds, query)) {
    found.push(row);
    if (found.length > query.limit) break;
  }
  const count = countOnPage(found.map(weightOf), query.limit);
  const versions = found.slice(0, count).map(storedVersion);
  const last = versions.at(-1);
  const hasMore = last !== undefined && found.length > count;
  return { versions, next: hasMore ? { logicalId: last.logicalId, sequence: last.sequence } : null };
}

function weightOf({ registration, tags }: Row): number {
  return registration.metadata.length + ENTRY_WEIGHT * (registration.parents.length + tags.length);
}

/** By logical id, and within one the newest first. */
function* matching(logicalIds: ReadonlyMap<string, LogicalId>, query: SearchQuery): Generator<Row> {
  const terms = query.metadata === undefined ? [] : metadataTerms(query.metadata);
  const { after } = query;
  const names = [...logicalIds.keys()].filter((name) => isNamed(name, query)).sort();
  for (const name of names) {
    if (after !== undefined && name < after.logicalId) continue;
    for (const row of logicalIds.get(name)?.rows.toReversed() ?? []) {
      const isBehind = after === undefined || name !== after.logicalId || row.sequence < after.sequence;
      if (isBehind && matches(row, query) && terms.every((term) => row.terms.has(term))) yield row;
    }
  }
}

function isNamed(name: string, { logicalId, logicalIdPrefix }: SearchQuery): boolean {
  return (logicalId === undefined || name === logicalId) && name.startsWith(logicalIdPrefix ?? '');
}

function matches(row: Row, query: SearchQuery): boolean {
  const fields = ['bucketId', 'artifactId', 'version', 'digest', 'kind', 'registeredBy'] as const;
  return (
    fields.every((field) => query[field] === undefined || query[field] === row.registration[field]) &&
    query.tags.every((tag) => row.tags.includes(tag)) &&
    (!query.latestOnly || latestOf(row.owner) === row)
  );
}
