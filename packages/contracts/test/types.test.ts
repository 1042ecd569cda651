import { expect, test } from '@jest/globals';
import type {
  AgentContext,
  BucketHealth,
  CoreHealth,
  ErrorBody,
  ErrorCode,
  EventData,
  EventsResponse,
  ProducedAgentResult,
  ProducedEvent,
  ProducedGenericEvent,
  ProducedRlOutcome,
  ProducedTaskError,
  ReadContextResponse,
  StatsResponse,
  StoredEvent,
  WriteEventRequest,
  WriteEventResponse,
} from '../src/index.ts';
import { ERROR_STATUS } from '../src/index.ts';
import {
  type Check,
  check,
  checkAcceptedEvent,
  checkAgentContext,
  checkBucketHealth,
  checkCoreHealth,
  checkErrorBody,
  checkEventsResponse,
  checkProducedEvent,
  checkReadContextResponse,
  checkStatsResponse,
  checkWriteEventRequest,
  checkWriteEventResponse,
  type Problem,
  type SchemaName,
} from '../src/validators.ts';

// `npm run typecheck` compiles this file: the types must take what the checks take, and each @ts-expect-error must
// be an error. The tests then hold the same values against the checks.

const timestamp = '2026-01-29T10:30:00.000Z';

const accepted: EventData[] = [
  { event_type: 'heartbeat' },
  { event_type: 'heartbeat', timestamp: null, agent_id: null, task_id: null, metadata: null, anything: [1] },
  { event_type: 'rl_outcome', agent_id: 'a', reward: 0.5, metadata: null },
  { event_type: 'agent_result', task_id: 't', agent_id: 'a', result: { status: 'success' } },
  { event_type: 'task_error', task_id: 't', agent_id: 'a', error: 'e', input_type: null },
];

const generic: ProducedGenericEvent = { event_type: 'heartbeat', timestamp };
const outcome: ProducedRlOutcome = {
  event_type: 'rl_outcome',
  timestamp,
  agent_id: 'a',
  reward: 1,
  metadata: { tags: ['x'] },
};
const result: ProducedAgentResult = {
  event_type: 'agent_result',
  timestamp,
  task_id: 't',
  agent_id: 'a',
  result: { status: 200 },
};
const failure: ProducedTaskError = {
  event_type: 'task_error',
  timestamp,
  task_id: 't',
  agent_id: 'a',
  error: 'e',
};
const produced: ProducedEvent[] = [generic, outcome, result, failure];

const context: AgentContext = {
  agent_id: 'a',
  event_count: 1,
  last_updated: timestamp,
  recent_event_types: ['x'],
};
const event: StoredEvent = { timestamp, requester_id: 'bhiv_core', event_type: 'heartbeat', more: 1 };
const code: ErrorCode = 'invalid_event';

const answers: { check: Check; value: unknown }[] = [
  {
    check: checkWriteEventRequest,
    value: { requester_id: 'bhiv_core', event_data: generic } satisfies WriteEventRequest,
  },
  { check: checkWriteEventResponse, value: { success: true, message: 'm' } satisfies WriteEventResponse },
  { check: checkAgentContext, value: context },
  { check: checkReadContextResponse, value: { success: true, context } satisfies ReadContextResponse },
  { check: checkReadContextResponse, value: { success: true, context: null } satisfies ReadContextResponse },
  { check: checkEventsResponse, value: { events: [event], count: 1, showing: 1 } satisfies EventsResponse },
  {
    check: checkStatsResponse,
    value: {
      stats: { total_events: 0, agents_with_context: 0, tracked_agents: [] },
      integration_status: 'active',
    } satisfies StatsResponse,
  },
  {
    check: checkBucketHealth,
    value: {
      status: 'degraded',
      bucket_version: '1.0.0',
      core_integration: { status: 'active', events_received: 0, agents_tracked: 0 },
      services: { events: 'unavailable' },
    } satisfies BucketHealth,
  },
  { check: checkCoreHealth, value: { status: 'healthy', agents: 3 } satisfies CoreHealth },
  { check: checkErrorBody, value: { error: { code, message: 'm', details: {} } } satisfies ErrorBody },
];

/** None of these compiles; what they are at run time, the checks refuse too. */
const base = { timestamp, task_id: 't', agent_id: 'a' };
// @ts-expect-error reward is a number
const reward: ProducedRlOutcome = { ...base, event_type: 'rl_outcome', reward: '1' };
// @ts-expect-error a producer sends a timestamp
const untimed: ProducedEvent = { event_type: 'heartbeat' };
// @ts-expect-error result is required
const resultless: ProducedAgentResult = { ...base, event_type: 'agent_result' };
// @ts-expect-error a producer sends no null
const agentless: ProducedGenericEvent = { ...base, event_type: 'heartbeat', agent_id: null };
// @ts-expect-error event_type is required
const typeless: EventData = { agent_id: 'a' };
// @ts-expect-error there is one requester only
const stranger: WriteEventRequest = { requester_id: 'me', event_data: generic };
// @ts-expect-error context is there, be it null
const contextless: ReadContextResponse = { success: true };
// @ts-expect-error healthy or degraded
const fine: CoreHealth = { status: 'ok' };

const wrong: { check: Check; value: unknown }[] = [
  ...[reward, untimed, resultless, agentless].map((value) => ({ check: checkProducedEvent, value })),
  { check: checkAcceptedEvent, value: typeless },
  { check: checkWriteEventRequest, value: stranger },
  { check: checkReadContextResponse, value: contextless },
  { check: checkCoreHealth, value: fine },
];

test('what the types take, the checks take', () => {
  for (const value of accepted) expect(checkAcceptedEvent(value)).toEqual([]);
  for (const value of produced) expect(checkProducedEvent(value)).toEqual([]);
  for (const { check, value } of answers) expect(check(value)).toEqual([]);
});

test('what the types refuse, the checks refuse', () => {
  for (const { check, value } of wrong) expect(check(value).length).toBe(1);
});

test('the parts of the surface that others are written against', () => {
  const name: SchemaName = 'digest';
  const problems: Problem[] = check(name, 5);
  const status: number = ERROR_STATUS[code];
  expect([problems.length, status]).toEqual([1, 400]);
  // @ts-expect-error no such schema
  const none: SchemaName = 'nothing';
  expect(() => check(none, 5)).toThrow(TypeError);
});
