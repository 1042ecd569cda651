import type { Generated } from 'kysely';

/**
 * The tables of a registry, the same on every SQL engine. An engine's own folder creates them. Text columns compare
 * and sort by bytes (SQLite does; PostgreSQL with COLLATE "C"); whole numbers hold 53 bits.
 */
export interface Tables {
  /** One row a logical id, from its first version on. Writers of one logical id queue for this row. */
  logical_ids: { logical_id: string; last_sequence: number };

  /** Rows are inserted and never changed. Unique: (logical_id, version) and (logical_id, sequence). */
  versions: {
    id: Generated<number>;
    logical_id: string;
    sequence: number;
    version: string;
    bucket_id: string;
    artifact_id: string;
    digest: string;
    size_bytes: number;
    kind: 'artifact' | 'manifest';
    metadata: string;
    created_at: string;
    registered_at: string;
    registered_by: string;
  };

  /** `position` is where the parent stood in the list that was given. */
  parents: { child_id: number; position: number; parent_id: number };

  tags: { version_id: number; tag: string };

  /** See metadata-terms.ts. */
  metadata_terms: { term: string; version_id: number };

  /** What aliases point at now; `latest` has no row, it is logical_ids.last_sequence. */
  aliases: { logical_id: string; alias: string; version_id: number; set_at: string; set_by: string };

  /** Rows are inserted and never changed. Unique: (logical_id, alias, number). */
  alias_changes: {
    logical_id: string;
    alias: string;
    number: number;
    from_version: string | null;
    to_version: string | null;
    changed_at: string;
    changed_by: string;
  };
}
