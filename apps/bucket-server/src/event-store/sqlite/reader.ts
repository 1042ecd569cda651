import BetterSqlite3, { type Database } from 'better-sqlite3';
import { showEvent } from '../../events/show-event.ts';
import type { AgentMemory, EventRecord, ShownPage } from '../event-store.ts';
import { decodeString, decodeStrings, encodeString } from './encoding.ts';

/** A page ends after the row that brings it to this many characters, or to PAGE_ROWS rows. */
const PAGE_CHARACTERS = 256 * 1024;
const PAGE_ROWS = 1000;

/** A read that waits for another program's lock (recovery, a checkpoint) gives up after this. */
const LOCK_WAIT_MS = 1000;

export type Totals = { readonly events: number; readonly agents: number };

/**
 * A stretch of rows, both ends included. Rows are only ever added, at the end, so a stretch shows the same whenever
 * it is read: paging needs no transaction held open, which would keep the write-ahead log from being reused.
 */
export type Stretch = { readonly from: number; readonly to: number };

/** `next` is where the next page begins; null after the last one. */
type Page<Item> = { readonly items: readonly Item[]; readonly next: number | null };

/** One page of events as JSON texts; see ShownPage. */
export type ShownStretch = { readonly page: ShownPage; readonly next: number | null };

/** A connection that reads. Synchronous: it belongs in a worker thread. Throws SqliteError. */
export type Reader = {
  totals(): Totals;
  /** The newest `limit` events as a stretch, and the totals of the same moment. */
  newest(limit: number): { readonly totals: Totals; readonly stretch: Stretch };
  events(stretch: Stretch): Page<EventRecord>;
  /** The same as `events`, as texts ready to be sent. */
  shownEvents(stretch: Stretch): ShownStretch;
  context(agentId: string): AgentMemory | null;
  /** All agents as a stretch, and the totals of the same moment. */
  allAgents(): { readonly totals: Totals; readonly stretch: Stretch };
  agentIds(stretch: Stretch): Page<string>;
  close(): void;
};

type EventRow = {
  seq: number;
  received_at: string;
  requester_id: string;
  agent_id: string | null;
  event_type: string;
  timestamp: string;
  event_data: string;
};

/** Opens the database at `path`, which the writer has created. Throws SqliteError. */
export function openReader(path: string): Reader {
  const db = new BetterSqlite3(path, { readonly: true, fileMustExist: true, timeout: LOCK_WAIT_MS });
  return { ...prepareEventReads(db), ...prepareAgentReads(db), close: () => void db.close() };
}

function prepareEventReads(db: Database): Pick<Reader, 'totals' | 'newest' | 'events' | 'shownEvents'> {
  const totals = prepareTotals(db);
  const newest = db.prepare<[number], Stretch>(
    `SELECT coalesce(min(seq), 1) AS "from", coalesce(max(seq), 0) AS "to"
     FROM (SELECT seq FROM events ORDER BY seq DESC LIMIT ?)`,
  );
  const events = db.prepare<[number, number], EventRow>(
    'SELECT * FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq',
  );
  const page = <Item>({ from, to }: Stretch, show: (event: EventRecord) => Item) =>
    pageOf(events.iterate(from, to), (row) => ({
      key: row.seq,
      item: show(eventOf(row)),
      characters: row.event_data.length,
    }));
  return {
    totals,
    newest: (limit) => atOneMoment(db, () => ({ totals: totals(), stretch: mustHave(newest.get(limit)) })),
    events: (stretch) => page(stretch, (event) => event),
    shownEvents(stretch) {
      const { items, next } = page(stretch, showEvent);
      return { page: { events: items.length, json: new TextEncoder().encode(items.join(',')) }, next };
    },
  };
}

function prepareAgentReads(db: Database): Pick<Reader, 'context' | 'allAgents' | 'agentIds'> {
  const totals = prepareTotals(db);
  const context = db.prepare<[string], { events: number; timestamp: string; types: string }>(
    `SELECT event_count AS events, last_timestamp AS timestamp, last_event_types AS types
     FROM agents WHERE agent_id = ?`,
  );
  const lastAgent = db.prepare<[], number>('SELECT coalesce(max(id), 0) FROM agents').pluck();
  const agentIds = db.prepare<[number, number], { id: number; agent_id: string }>(
    'SELECT id, agent_id FROM agents WHERE id BETWEEN ? AND ? ORDER BY id',
  );
  return {
    context(agentId) {
      const row = context.get(encodeString(agentId));
      if (row === undefined) return null;
      return {
        eventCount: row.events,
        lastTimestamp: decodeString(row.timestamp),
        lastEventTypes: decodeStrings(row.types),
      };
    },
    allAgents: () =>
      atOneMoment(db, () => ({ totals: totals(), stretch: { from: 1, to: mustHave(lastAgent.get()) } })),
    agentIds(stretch) {
      return pageOf(agentIds.iterate(stretch.from, stretch.to), (row) => ({
        key: row.id,
        item: decodeString(row.agent_id),
        characters: row.agent_id.length,
      }));
    },
  };
}

function prepareTotals(db: Database): () => Totals {
  const totals = db.prepare<[], Totals>('SELECT events, agents FROM totals WHERE id = 1');
  return () => mustHave(totals.get());
}

function eventOf(row: EventRow): EventRecord {
  return {
    receivedAt: row.received_at,
    requesterId: decodeString(row.requester_id),
    agentId: row.agent_id === null ? null : decodeString(row.agent_id),
    eventType: decodeString(row.event_type),
    timestamp: decodeString(row.timestamp),
    text: row.event_data,
  };
}

/** Reads rows until the page is full. */
function pageOf<Row, Item>(
  rows: IterableIterator<Row>,
  read: (row: Row) => { key: number; item: Item; characters: number },
): Page<Item> {
  const items: Item[] = [];
  let characters = 0;
  for (const row of rows) {
    const { key, item, characters: more } = read(row);
    items.push(item);
    characters += more;
    if (characters >= PAGE_CHARACTERS || items.length >= PAGE_ROWS) return { items, next: key + 1 };
  }
  return { items, next: null };
}

/** Runs several statements on one snapshot of the database. */
function atOneMoment<Result>(db: Database, read: () => Result): Result {
  return db.transaction(read)();
}

function mustHave<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new Error('The event database lacks its row of totals: the file is damaged.');
  return row;
}
