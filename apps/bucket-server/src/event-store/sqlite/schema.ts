import type { Database } from 'better-sqlite3';
import { EventStoreOpenError } from '../event-store.ts';

/** "BHEV" in ASCII: says that a SQLite file is an event store of Bucket (PRAGMA application_id). */
export const APPLICATION_ID = 0x42484556;

/**
 * The numbered migrations: number n brings a file from version n - 1 to n (PRAGMA user_version). One that was released
 * is never edited; a change of the schema is a new entry at the end.
 *
 * Strings that come from outside are kept as their JSON string text ("a\u0000b" with its quotes): SQLite's own text
 * would merge two ids that differ after a U+0000 or in a lone surrogate. event_data is the JSON text as it came.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,        -- the order in which they were stored
    received_at TEXT NOT NULL,      -- ISO 8601, UTC
    requester_id TEXT NOT NULL,     -- JSON string text
    agent_id TEXT,                  -- JSON string text
    event_type TEXT NOT NULL,       -- JSON string text
    timestamp TEXT NOT NULL,        -- JSON string text
    event_data TEXT NOT NULL        -- JSON text, exactly as it came
  ) STRICT;

  CREATE TABLE agents (
    id INTEGER PRIMARY KEY,         -- the order in which they first appeared
    agent_id TEXT NOT NULL UNIQUE,  -- JSON string text
    event_count INTEGER NOT NULL,
    last_timestamp TEXT NOT NULL,   -- JSON string text
    last_event_types TEXT NOT NULL  -- JSON array of strings: the last 10, oldest first
  ) STRICT;

  CREATE TABLE totals (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    events INTEGER NOT NULL,
    agents INTEGER NOT NULL,
    probes INTEGER NOT NULL         -- counts small writes that find out whether writing works
  ) STRICT;
  INSERT INTO totals (id, events, agents, probes) VALUES (1, 0, 0, 0);

  CREATE VIEW readable_events AS    -- for people with the sqlite3 program
    SELECT seq, received_at, requester_id ->> '$' AS requester_id, agent_id ->> '$' AS agent_id,
           event_type ->> '$' AS event_type, timestamp ->> '$' AS timestamp, event_data
    FROM events;
  `,
];

/** The version of the schema that this program writes, and the newest that it reads. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Brings the file up to SCHEMA_VERSION. Throws EventStoreOpenError on a file that is newer or not an event store. */
export function migrate(db: Database, path: string): void {
  const found = versionOf(db, path);
  for (const [index, migration] of MIGRATIONS.entries()) {
    if (index < found) continue;
    db.exec('BEGIN IMMEDIATE');
    db.exec(migration);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${index + 1}`);
    db.exec('COMMIT');
  }
}

function versionOf(db: Database, path: string): number {
  const applicationId = db.pragma('application_id', { simple: true });
  const version = Number(db.pragma('user_version', { simple: true }));
  const isEmpty = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0;
  if (applicationId !== APPLICATION_ID && !(isEmpty && applicationId === 0 && version === 0)) {
    throw new EventStoreOpenError(
      'foreign',
      `${path} is a SQLite database but not an event store of Bucket. Point BUCKET_DATA_DIR at another folder, or move the file away.`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new EventStoreOpenError(
      'newer_schema',
      `${path} has schema version ${version} and this program knows up to ${SCHEMA_VERSION}: a newer bucket-server wrote it. Start that version or a newer one; nothing was changed.`,
    );
  }
  return version;
}
