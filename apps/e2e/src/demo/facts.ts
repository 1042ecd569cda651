import type {
  AgentContext,
  BucketHealth,
  EventsResponse,
  StatsResponse,
  WriteEventResponse,
} from '@bhiv/contracts';
import type { BucketCalls } from './bucket-calls.ts';
import type { ClientCounts } from './core-calls.ts';
import { callJson } from './http.ts';
import { valueAt } from './json.ts';
import type { Outage } from './runs.ts';

/** Everything that the verdict is made from. */
export type Facts = {
  bucketHealth: BucketHealth;
  coreStatus: unknown;
  /** All events, before the demo wrote one of its own. */
  events: EventsResponse;
  /** The demo's own event, of the agent with the most events. */
  written: WriteEventResponse;
  /** That agent, and what Bucket says of it and of all after that event. */
  busiest: { agentId: string; context: AgentContext | null };
  stats: StatsResponse['stats'];
  counts: ClientCounts;
  outage: Outage;
  /** The id of the last task; undefined when its answer has none. */
  lastTaskId: unknown;
  /** How many answers there are, and the numbers (from 1) of those that differ from the run without Bucket. */
  answers: number;
  differing: number[];
};

/** What can only be learnt while both still run. Writes one event of the demo's own. */
export async function askBoth(bucket: BucketCalls, coreUrl: string, signal: AbortSignal) {
  const bucketHealth = await bucket.health();
  const events = await bucket.events();
  const agentId = busiestAgent(events);
  const written = await bucket.writeEvent({
    event_type: 'demo_check',
    agent_id: agentId,
    timestamp: new Date().toISOString(),
  });
  const { context } = await bucket.context(agentId);
  const { stats } = await bucket.stats();
  const coreStatus = valueAt(await callJson(`${coreUrl}/health`, signal), 'status');
  return { bucketHealth, events, busiest: { agentId, context }, written, stats, coreStatus };
}

/** How many events each agent has. */
export function eventsByAgent({ events }: EventsResponse): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { agent_id: agentId } of events) {
    if (typeof agentId === 'string') counts.set(agentId, (counts.get(agentId) ?? 0) + 1);
  }
  return counts;
}

function busiestAgent(events: EventsResponse): string {
  const [first] = [...eventsByAgent(events)].sort(([, a], [, b]) => b - a);
  if (first === undefined) throw new Error('Bucket has no event of any agent');
  return first[0];
}
