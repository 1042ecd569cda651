import type { EventRecord, EventStore } from '../event-store.ts';

/** An event record; everything that a test does not care about is filled in. */
export function sampleEvent(given: Partial<EventRecord> = {}): EventRecord {
  return {
    receivedAt: '2026-01-29T10:30:00.000Z',
    requesterId: 'bhiv_core',
    agentId: 'text_summarizer',
    eventType: 'heartbeat',
    timestamp: '2026-01-29T10:29:59Z',
    text: '{"event_type":"heartbeat","agent_id":"text_summarizer"}',
    ...given,
  };
}

/** Strings that engines and encodings like to change, to cut or to merge. */
export const AWKWARD_STRINGS: readonly string[] = [
  '',
  ' ',
  'a',
  'A',
  'a ',
  'null',
  '"quoted" \\ and \'single\'',
  'a\u0000b',
  'a\u0000c',
  '\u0000',
  '\ud800',
  '\udfff',
  'x\ud83d',
  '😀',
  'é',
  'e\u0301',
  '\ufeff',
  '\ufffd',
  'line\nbreak',
  '1',
  '1.0',
  '__proto__',
];

/** JSON texts that do not survive a parse and a stringify, or a column of a type that knows JSON. */
export const AWKWARD_TEXTS: readonly string[] = [
  '{"event_type":"x","n":12345678901234567890}',
  '{"event_type":"x","n":1.0,"m":1e400,"z":-0}',
  '{ "b" : 1 ,\n\t"a":2, "event_type" : "x" }',
  '{"event_type":"x","event_type":"y","s":"\\u0041\\/\\u0000\\ud800"}',
  '{"event_type":"x","s":"é😀\u2028"}',
  `{"event_type":"x","deep":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
];

/** All events of `recent(limit)`, its pages put together. */
export async function recentEvents(store: EventStore, limit: number): Promise<EventRecord[]> {
  const { pages } = await store.recent(limit);
  const events: EventRecord[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}

/** All agent ids of `stats()`, its pages put together. */
export async function trackedAgents(store: EventStore): Promise<string[]> {
  const { agentIds } = await store.stats();
  const ids: string[] = [];
  for await (const page of agentIds) ids.push(...page);
  return ids;
}
