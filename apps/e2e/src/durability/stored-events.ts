import { join } from 'node:path';
import Database from 'better-sqlite3';

/** What the database file of a stopped Bucket holds. */
export interface StoredEvents {
  /** How often each event is there, by `metadata.id`. */
  readonly counts: ReadonlyMap<string, number>;
  /** What is wrong with the file itself. */
  readonly problems: readonly string[];
}

/** Reads the file of a Bucket that does not run: with SQLite's own check, and its aggregates against its events. */
export function readStoredEvents(dataDir: string): StoredEvents {
  const db = new Database(join(dataDir, 'events.db'), { readonly: true });
  try {
    const counts = new Map<string, number>();
    const events = db.prepare<[], string>('SELECT event_data FROM events').pluck();
    for (const text of events.iterate()) {
      const { id } = JSON.parse(text).metadata;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return { counts, problems: [...integrity(db), ...aggregates(db)] };
  } finally {
    db.close();
  }
}

function integrity(db: Database.Database): string[] {
  const answer = String(db.pragma('integrity_check', { simple: true }));
  return answer === 'ok' ? [] : [`integrity_check: ${answer}`];
}

/** The numbers behind contexts and stats are kept in the events' transaction: a kill must not part them. */
function aggregates(db: Database.Database): string[] {
  const wrong = db
    .prepare<[], { agent_id: string; kept: number; counted: number }>(
      `SELECT agents.agent_id, agents.event_count AS kept, count(events.seq) AS counted
       FROM agents LEFT JOIN events USING (agent_id) GROUP BY agents.agent_id HAVING kept <> counted`,
    )
    .all();
  const total = db.prepare('SELECT events FROM totals').pluck().get();
  const counted = db.prepare('SELECT count(*) FROM events').pluck().get();
  return [
    ...wrong.map((row) => `agent ${row.agent_id} has ${row.counted} events, its aggregate says ${row.kept}`),
    ...(total === counted ? [] : [`${counted} events, the total says ${total}`]),
  ];
}
