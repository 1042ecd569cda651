// Fills a data folder with events through the event store that Bucket itself opens: the file is the one Bucket makes.
import type { EventRecord, EventStore } from '@bhiv/bucket-server/event-store';
import { REQUESTER_ID } from '@bhiv/contracts';
import { perform, type Task } from '../processes/child.ts';
import { envelopeOf, freshAgentResult } from '../sample-events.ts';

export type FillStore = Task<
  { readonly folder: string; readonly events: number; readonly agents: number },
  { readonly seconds: number }
>;

type OpenStore = (options: { folder: string }) => Promise<EventStore>;

/** Appends that wait at once: enough for the largest commits that the store makes. */
const WAITING = 4000;

await perform<FillStore>(async ({ folder, events, agents }, say) => {
  const start = performance.now();
  const store = await openStore(folder);
  for (let from = 0; from < events; from += WAITING) {
    const length = Math.min(WAITING, events - from);
    await Promise.all(Array.from({ length }, (_, i) => store.append(eventRecord(from + i, agents))));
    if (from % 500_000 < WAITING) say(`${from.toLocaleString('en')} events stored`);
  }
  await store.close();
  return { seconds: (performance.now() - start) / 1000 };
});

async function openStore(folder: string): Promise<EventStore> {
  const url = new URL(
    'dist/event-store/sqlite/open.js',
    import.meta.resolve('@bhiv/bucket-server/package.json'),
  );
  // The package keeps this module to itself; its type is the one in the server's sources.
  const { openSqliteEventStore } = (await import(url.href)) as { openSqliteEventStore: OpenStore };
  return openSqliteEventStore({ folder });
}

/** What Bucket makes of a written event (CONTRACT A1). */
function eventRecord(i: number, agents: number): EventRecord {
  const agentId = `agent_${i % agents}`;
  const receivedAt = new Date().toISOString();
  const { event_data } = envelopeOf({ ...freshAgentResult(i), agent_id: agentId }, receivedAt);
  const text = JSON.stringify(event_data);
  return {
    receivedAt,
    requesterId: REQUESTER_ID,
    agentId,
    eventType: 'agent_result',
    timestamp: receivedAt,
    text,
  };
}
