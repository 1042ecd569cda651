import type { Database } from 'better-sqlite3';
import type { EventRecord } from '../event-store.ts';
import { decodeStrings, encodeString } from './encoding.ts';

/** How many event types of an agent are remembered (CONTRACT A2). */
const REMEMBERED_TYPES = 10;

type AgentRow = { id: number; event_count: number; last_event_types: string };

/** What the events of one batch change about one agent. */
type AgentChange = { events: number; lastTimestamp: string; eventTypes: string[] };

/**
 * Inserts events and brings the aggregates up to date, inside the transaction of the caller. The aggregates of an
 * agent are written once a batch, so that reading them later is one look-up however many events there are.
 */
export function prepareInsert(db: Database): (events: readonly EventRecord[]) => void {
  const insertEvent = db.prepare(
    `INSERT INTO events (received_at, requester_id, agent_id, event_type, timestamp, event_data)
     VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const addToTotals = db.prepare('UPDATE totals SET events = events + ?, agents = agents + ? WHERE id = 1');
  const changeAgent = prepareAgentChange(db);

  return (events) => {
    const changes = new Map<string, AgentChange>();
    for (const event of events) {
      const agentId = event.agentId === null ? null : encodeString(event.agentId);
      insertEvent.run(
        event.receivedAt,
        encodeString(event.requesterId),
        agentId,
        encodeString(event.eventType),
        encodeString(event.timestamp),
        event.text,
      );
      if (agentId !== null) collect(changes, agentId, event);
    }
    let newAgents = 0;
    for (const [agentId, change] of changes) newAgents += changeAgent(agentId, change);
    addToTotals.run(events.length, newAgents);
  };
}

function collect(changes: Map<string, AgentChange>, agentId: string, event: EventRecord): void {
  const change = changes.get(agentId) ?? { events: 0, lastTimestamp: '', eventTypes: [] };
  change.events += 1;
  change.lastTimestamp = encodeString(event.timestamp);
  change.eventTypes.push(event.eventType);
  changes.set(agentId, change);
}

/** Returns a function that writes one agent's change and tells how many agents are new by it (0 or 1). */
function prepareAgentChange(db: Database): (agentId: string, change: AgentChange) => number {
  const find = db.prepare<[string], AgentRow>(
    'SELECT id, event_count, last_event_types FROM agents WHERE agent_id = ?',
  );
  const insert = db.prepare(
    'INSERT INTO agents (agent_id, event_count, last_timestamp, last_event_types) VALUES (?, ?, ?, ?)',
  );
  const update = db.prepare(
    'UPDATE agents SET event_count = ?, last_timestamp = ?, last_event_types = ? WHERE id = ?',
  );
  return (agentId, change) => {
    const row = find.get(agentId);
    const before = row === undefined ? [] : decodeStrings(row.last_event_types);
    const types = JSON.stringify([...before, ...change.eventTypes].slice(-REMEMBERED_TYPES));
    if (row === undefined) insert.run(agentId, change.events, change.lastTimestamp, types);
    else update.run(row.event_count + change.events, change.lastTimestamp, types, row.id);
    return row === undefined ? 1 : 0;
  };
}
