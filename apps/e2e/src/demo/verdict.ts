import { eventsByAgent, type Facts } from './facts.ts';
import { valueAt } from './json.ts';

/** One line of the result: whether it holds, what it says, and figures that belong to it. */
export type Finding = { holds: boolean; text: string; figures?: string[] };

/** What the integration note shows as its test result. */
export function integrationFindings(facts: Facts): Finding[] {
  const { bucketHealth, events, busiest, written, stats, coreStatus } = facts;
  const { core_integration: integration } = bucketHealth;
  const byAgent = eventsByAgent(events);
  const found = busiest.context?.event_count ?? 0;
  return [
    { holds: bucketHealth.status === 'healthy', text: `Bucket Status: ${bucketHealth.status}` },
    {
      holds:
        integration.status === 'active' &&
        integration.events_received === events.count &&
        integration.agents_tracked === byAgent.size,
      text: `Core Integration: ${integration.status}`,
      figures: [
        `Events received: ${integration.events_received}`,
        `Agents tracked: ${integration.agents_tracked}`,
      ],
    },
    { holds: written.success, text: `Event written: ${written.message}` },
    { holds: found === (byAgent.get(busiest.agentId) ?? 0) + 1, text: `Context found: ${found} events` },
    { holds: stats.total_events === events.count + 1, text: `Total events: ${stats.total_events}` },
    {
      holds: stats.agents_with_context === byAgent.size && stats.tracked_agents.length === byAgent.size,
      text: `Agents tracked: ${stats.agents_with_context}`,
    },
    { holds: coreStatus === 'healthy', text: `Core Status: ${coreStatus}` },
  ];
}

/** What both sides counted must fit together, and Core must not have noticed any of it. */
export function outageFindings(facts: Facts): Finding[] {
  const { counts, events, outage, answers, differing } = facts;
  const stored = events.count;
  const most = counts.delivered + counts.failed;
  const flowed = counts.delivered - outage.atRestart.delivered;
  return [
    {
      holds:
        counts.calls === counts.accepted + counts.refused &&
        counts.accepted === counts.delivered + counts.failed + counts.expired &&
        counts.waiting === 0,
      text: `Core's client accounts for each of its ${counts.calls} calls`,
      figures: [
        `${counts.calls} calls = ${counts.accepted} accepted + ${counts.refused} refused (Bucket known to be down)`,
        `${counts.accepted} accepted = ${counts.delivered} delivered + ${counts.failed} failed + ${counts.expired} expired`,
      ],
    },
    {
      // A failed event was sent and got no good answer: the kill may have come before or after Bucket stored it.
      holds: counts.delivered <= stored && stored <= most,
      text: `Bucket counts ${stored} events: all ${counts.delivered} delivered ones, and at most the ${counts.failed} whose answer got lost`,
    },
    {
      holds: distinctTaskEvents(facts) === stored,
      text: `Every stored event is there once: ${distinctTaskEvents(facts)} different ones`,
    },
    {
      holds: outage.storedAtRestart >= outage.atKill.delivered,
      text: `The kill lost nothing: ${outage.atKill.delivered} events acknowledged before it, ${outage.storedAtRestart} there after it`,
    },
    {
      holds: flowed > 0 && lastTaskIsStored(facts),
      text: `Events flowed again: ${flowed} delivered after the restart, those of the last task among them`,
    },
    {
      holds: answers > 0 && differing.length === 0,
      text: `Core did not care: ${answers - differing.length} of ${answers} answers are byte for byte those of the run without Bucket`,
      figures: differing.length === 0 ? [] : [`different: tasks ${differing.slice(0, 20).join(', ')}`],
    },
  ];
}

/** A finding as it is printed. */
export function linesOf({ holds, text, figures = [] }: Finding): string[] {
  return [`${holds ? '[OK]' : '[FAIL]'} ${text}`, ...figures.map((figure) => `     ${figure}`)];
}

/** A task has at most one event of each type. */
function distinctTaskEvents({ events }: Facts): number {
  return new Set(events.events.map((event) => `${event.event_type} ${taskIdOf(event)}`)).size;
}

function lastTaskIsStored({ events, lastTaskId }: Facts): boolean {
  return lastTaskId !== undefined && events.events.some((event) => taskIdOf(event) === lastTaskId);
}

function taskIdOf(event: object): unknown {
  return valueAt(event, 'task_id') ?? valueAt(event, 'metadata', 'task_id');
}
