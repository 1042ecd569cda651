import { describe, expect, test } from '@jest/globals';
import type { Facts } from '../../src/demo/facts.ts';
import { integrationFindings, linesOf, outageFindings } from '../../src/demo/verdict.ts';

const event = (task: number, type: string) => ({
  timestamp: '2026-01-29T10:30:00.000Z',
  requester_id: 'bhiv_core',
  event_type: type,
  agent_id: 'summary',
  ...(type === 'agent_result' ? { task_id: `task-${task}` } : { metadata: { task_id: `task-${task}` } }),
});

/** Two tasks, four events, of which the client knows three as delivered: all is well. */
function goodFacts(): Facts {
  const counts = { calls: 6, accepted: 5, refused: 1, delivered: 3, failed: 1, expired: 1, waiting: 0 };
  return {
    bucketHealth: {
      status: 'healthy',
      bucket_version: '1.0.0',
      core_integration: { status: 'active', events_received: 4, agents_tracked: 1 },
      services: { events: 'healthy' },
    },
    coreStatus: 'healthy',
    events: {
      events: [
        event(1, 'rl_outcome'),
        event(1, 'agent_result'),
        event(2, 'rl_outcome'),
        event(2, 'agent_result'),
      ],
      count: 4,
      showing: 4,
    },
    written: { success: true, message: 'Event received' },
    busiest: {
      agentId: 'summary',
      context: { agent_id: 'summary', event_count: 5, last_updated: '', recent_event_types: [] },
    },
    stats: { total_events: 5, agents_with_context: 1, tracked_agents: ['summary'] },
    counts,
    outage: {
      atKill: { ...counts, delivered: 2 },
      killedAfter: 1,
      atRestart: { ...counts, delivered: 2 },
      restartedAfter: 2,
      storedAtRestart: 3,
    },
    lastTaskId: 'task-2',
    answers: 2,
    differing: [],
  };
}

const findings = (facts: Facts) => [...integrationFindings(facts), ...outageFindings(facts)];

test('when all is well the result is what the integration note shows', () => {
  const facts = goodFacts();
  expect(integrationFindings(facts).flatMap(linesOf)).toEqual([
    '[OK] Bucket Status: healthy',
    '[OK] Core Integration: active',
    '     Events received: 4',
    '     Agents tracked: 1',
    '[OK] Event written: Event received',
    '[OK] Context found: 5 events',
    '[OK] Total events: 5',
    '[OK] Agents tracked: 1',
    '[OK] Core Status: healthy',
  ]);
  expect(findings(facts).filter(({ holds }) => !holds)).toEqual([]);
});

describe('exactly one line fails when', () => {
  test.each<[string, (facts: Facts) => unknown, RegExp]>([
    [
      'Bucket is degraded',
      (f) => {
        f.bucketHealth.status = 'degraded';
      },
      /Bucket Status: degraded/,
    ],
    [
      'Bucket counts other events than it shows',
      (f) => {
        f.bucketHealth.core_integration.events_received = 9;
      },
      /Core Integration/,
    ],
    [
      'an event cannot be written',
      (f) => {
        f.written = { success: false, message: 'no' };
      },
      /Event written: no/,
    ],
    [
      'the context is missing',
      (f) => {
        f.busiest.context = null;
      },
      /Context found: 0 events/,
    ],
    [
      'the total does not grow by one',
      (f) => {
        f.stats.total_events = 4;
      },
      /Total events: 4/,
    ],
    [
      'an agent is missing',
      (f) => {
        f.stats.tracked_agents = [];
      },
      /Agents tracked/,
    ],
    [
      'Core is not well',
      (f) => {
        f.coreStatus = undefined;
      },
      /Core Status: undefined/,
    ],
    [
      'a call is not accounted for',
      (f) => {
        f.counts.refused = 2;
      },
      /accounts for each/,
    ],
    [
      'an event waits for ever',
      (f) => {
        f.counts.waiting = 1;
      },
      /accounts for each/,
    ],
    [
      'more is stored than was ever sent',
      (f) => {
        f.counts.failed = 0;
        f.counts.expired = 2;
      },
      /Bucket counts 4 events/,
    ],
    [
      'an event is there twice',
      (f) => {
        f.events.events[0] = event(1, 'agent_result');
      },
      /there once: 3 different/,
    ],
    [
      'the kill lost an event',
      (f) => {
        f.outage.storedAtRestart = 1;
      },
      /The kill lost nothing: 2/,
    ],
    [
      'no event came after the restart',
      (f) => {
        f.outage.atRestart.delivered = 3;
      },
      /Events flowed again: 0/,
    ],
    [
      "the last task's events are not there",
      (f) => {
        f.lastTaskId = 'task-3';
      },
      /Events flowed again/,
    ],
    [
      'an answer is another',
      (f) => {
        f.differing = [2];
      },
      /Core did not care: 1 of 2/,
    ],
  ])('%s', (_case, spoil, line) => {
    const facts = goodFacts();
    spoil(facts);
    const failed = findings(facts).filter(({ holds }) => !holds);
    expect(failed.map(({ text }) => text)).toEqual([expect.stringMatching(line)]);
    expect(failed.flatMap(linesOf)[0]).toMatch(/^\[FAIL\] /);
  });
});

test('a delivered event that is not stored fails', () => {
  const facts = goodFacts();
  facts.counts.delivered = 5;
  facts.counts.failed = 0;
  facts.counts.expired = 0;
  expect(outageFindings(facts).find(({ text }) => text.startsWith('Bucket counts'))?.holds).toBe(false);
});
