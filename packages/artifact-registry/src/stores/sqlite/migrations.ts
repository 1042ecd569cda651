import type { Database } from 'better-sqlite3';
import { RegistryOpenError } from '../../registry/errors.ts';

/** "BHRG" in ASCII: says that a SQLite file is a registry (PRAGMA application_id). */
export const APPLICATION_ID = 0x42485247;

/**
 * The numbered migrations: number n brings a file from version n - 1 to n (PRAGMA user_version). One that was released
 * is never edited; a change of the schema is a new entry at the end. What the tables mean is in sql/tables.ts.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE logical_ids (
    logical_id TEXT NOT NULL PRIMARY KEY,
    last_sequence INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    logical_id TEXT NOT NULL REFERENCES logical_ids (logical_id),
    sequence INTEGER NOT NULL,      -- 1, 2, 3 ... within the logical id, in the order of registration
    version TEXT NOT NULL,
    bucket_id TEXT NOT NULL,
    artifact_id TEXT NOT NULL,
    digest TEXT NOT NULL,           -- sha256: and 64 hex digits in lower case
    size_bytes INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('artifact', 'manifest')),
    metadata TEXT NOT NULL,         -- a JSON object
    created_at TEXT NOT NULL,       -- ISO 8601
    registered_at TEXT NOT NULL,    -- ISO 8601, UTC
    registered_by TEXT NOT NULL,
    UNIQUE (logical_id, version),
    UNIQUE (logical_id, sequence)
  ) STRICT;
  CREATE INDEX versions_by_digest ON versions (digest, logical_id, sequence);
  CREATE INDEX versions_by_artifact ON versions (bucket_id, artifact_id);
  CREATE TRIGGER versions_never_change BEFORE UPDATE ON versions
    BEGIN SELECT RAISE(ABORT, 'a registered version never changes'); END;
  CREATE TRIGGER versions_never_go BEFORE DELETE ON versions
    BEGIN SELECT RAISE(ABORT, 'a registered version is never removed'); END;

  CREATE TABLE parents (
    child_id INTEGER NOT NULL REFERENCES versions (id),
    position INTEGER NOT NULL,
    parent_id INTEGER NOT NULL REFERENCES versions (id) CHECK (parent_id < child_id),
    PRIMARY KEY (child_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX children ON parents (parent_id);

  CREATE TABLE tags (
    version_id INTEGER NOT NULL REFERENCES versions (id),
    tag TEXT NOT NULL,
    PRIMARY KEY (version_id, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX versions_by_tag ON tags (tag);

  CREATE TABLE metadata_terms (
    term TEXT NOT NULL,             -- "key":value, or its SHA-256 where that is long
    version_id INTEGER NOT NULL REFERENCES versions (id),
    PRIMARY KEY (term, version_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE aliases (
    logical_id TEXT NOT NULL,
    alias TEXT NOT NULL,
    version_id INTEGER NOT NULL REFERENCES versions (id),
    set_at TEXT NOT NULL,           -- ISO 8601, UTC
    set_by TEXT NOT NULL,
    PRIMARY KEY (logical_id, alias)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alias_changes (
    logical_id TEXT NOT NULL,
    alias TEXT NOT NULL,
    number INTEGER NOT NULL,        -- 1, 2, 3 ... within the alias
    from_version TEXT,              -- NULL: it was not there
    to_version TEXT,                -- NULL: it was removed
    changed_at TEXT NOT NULL,       -- ISO 8601, UTC
    changed_by TEXT NOT NULL,
    PRIMARY KEY (logical_id, alias, number)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** The version of the schema that this program writes, and the newest that it reads. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the file up to SCHEMA_VERSION, in one transaction: of many processes that open a new file at once, one does
 * it and the others find it done. Throws RegistryOpenError on a file that is newer or not a registry, or what SQLite
 * fails with.
 */
export function migrate(db: Database, path: string): void {
  db.transaction(() => {
    const found = checkedVersion(db, path);
    if (found === SCHEMA_VERSION) return;
    for (const migration of MIGRATIONS.slice(found)) db.exec(migration);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${SCHEMA_VERSION}`);
  }).immediate();
}

/**
 * The version of the schema of a registry; 0 for a file that is new and empty. Read in a transaction, so that a file
 * that another process is just creating is seen before or after. Throws RegistryOpenError `newer_schema` or `foreign`.
 */
export function checkedVersion(db: Database, path: string): number {
  const { applicationId, version, tables } = db.transaction(() => ({
    applicationId: db.pragma('application_id', { simple: true }),
    version: Number(db.pragma('user_version', { simple: true })),
    tables: db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get(),
  }))();
  const isNew = applicationId === 0 && version === 0 && tables === 0;
  if (applicationId !== APPLICATION_ID && !isNew) {
    const message = `${path} is a SQLite database but not a registry: give the path of a registry, or of a file that is not there yet. Nothing was changed.`;
    throw new RegistryOpenError('foreign', message);
  }
  if (version > SCHEMA_VERSION) {
    const message = `${path} has schema version ${version} and this program knows up to ${SCHEMA_VERSION}: a newer @bhiv/artifact-registry wrote it. Use that version or a newer one; nothing was changed.`;
    throw new RegistryOpenError('newer_schema', message, { expected: SCHEMA_VERSION, found: version });
  }
  return version;
}
