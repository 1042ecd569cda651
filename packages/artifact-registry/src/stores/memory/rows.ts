import { metadataTerms } from '../metadata-terms.ts';
import type { Registration, StoredAlias, StoredAliasChange, StoredVersion } from '../registry-store.ts';

/** What is known of one logical id. It has one row at least. */
export interface LogicalId {
  /** Sequence n stands at index n - 1. */
  readonly rows: Row[];
  readonly byVersion: Map<string, Row>;
  readonly aliases: Map<string, StoredAlias>;
  readonly aliasChanges: Map<string, StoredAliasChange[]>;
}

export interface Row {
  readonly owner: LogicalId;
  readonly sequence: number;
  readonly registration: Registration;
  readonly terms: ReadonlySet<string>;
  readonly children: Row[];
  tags: readonly string[];
}

/** Adds a version to its logical id. */
export function createRow(owner: LogicalId, registration: Registration): Row {
  const row: Row = {
    owner,
    sequence: owner.rows.length + 1,
    registration: structuredClone(registration),
    terms: new Set(metadataTerms(registration.metadata)),
    children: [],
    tags: registration.tags.toSorted(),
  };
  owner.rows.push(row);
  owner.byVersion.set(registration.version, row);
  return row;
}

export function latestOf({ rows }: LogicalId): Row {
  const latest = rows.at(-1);
  if (latest === undefined) throw new Error('a logical id without a version');
  return latest;
}

/** A copy that is the caller's own. */
export function storedVersion({ owner, sequence, registration, tags }: Row): StoredVersion {
  const isLatest = sequence === owner.rows.length;
  return structuredClone({ ...registration, sequence, isLatest, tags });
}
