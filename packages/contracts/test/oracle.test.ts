import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  checkAcceptedEvent,
  checkEnvelope,
  checkProducedEvent,
  checkWriteEventRequest,
} from '../src/validators.ts';

// The table of CONTRACT A1 a second time, in the plainest words there are: the schemas must agree with it on any
// event, not only on those that somebody thought of.

type Fields = Record<string, unknown>;

const isString = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const optional = (is: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || value === null || is(value);

function isAccepted(event: unknown): boolean {
  if (!isObject(event)) return false;
  const { event_type, timestamp, agent_id, task_id, reward, result, error, metadata, input_type } =
    event as Fields;
  if (!isString(event_type) || !optional(isString)(timestamp)) return false;
  if (event_type === 'rl_outcome')
    return isString(agent_id) && isNumber(reward) && optional(isObject)(metadata);
  if (event_type === 'agent_result') return isString(task_id) && isString(agent_id) && isObject(result);
  if (event_type === 'task_error') {
    return isString(task_id) && isString(agent_id) && isString(error) && optional(isString)(input_type);
  }
  return optional(isString)(agent_id) && optional(isString)(task_id) && optional(isObject)(metadata);
}

const TIME = '2026-01-29T10:30:00.000Z';

/** Events near the border: named fields with values that are right about half of the time. */
const json = fc.oneof(
  fc.constantFrom<unknown>(null, '', 'text', 0, -1.5, 200, true, [], {}, [1], { a: null }, TIME),
  fc.jsonValue({ maxDepth: 2 }),
);
const names = [
  'timestamp',
  'agent_id',
  'task_id',
  'reward',
  'result',
  'error',
  'metadata',
  'input_type',
  'extra',
];
const likely: Fields = {
  timestamp: TIME,
  agent_id: 'a',
  task_id: 't',
  reward: 1,
  result: {},
  error: 'e',
  metadata: {},
  input_type: 'text',
  extra: 1,
};
const fields = fc.record(
  Object.fromEntries(
    names.map((name) => [name, fc.oneof({ weight: 3, arbitrary: fc.constant(likely[name]) }, json)]),
  ),
  { requiredKeys: [] },
);
const type = fc.oneof(fc.constantFrom('rl_outcome', 'agent_result', 'task_error', 'heartbeat', ''), json);
const event = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(type, fields).map(([event_type, rest]) => ({ event_type, ...rest })) },
  fields,
  json,
);

test('Bucket accepts exactly what the table says', () => {
  let accepted = 0;
  fc.assert(
    fc.property(event, (value) => {
      const problems = checkAcceptedEvent(value);
      expect({ value, accepted: problems.length === 0 }).toEqual({ value, accepted: isAccepted(value) });
      if (problems.length === 0) accepted++;
    }),
    { numRuns: 5000 },
  );
  expect(accepted).toBeGreaterThan(200); // else the property above has looked at one side only
});

test('whatever a producer may send, Bucket accepts', () => {
  let produced = 0;
  fc.assert(
    fc.property(event, (value) => {
      if (checkProducedEvent(value).length > 0) return;
      produced++;
      expect(checkAcceptedEvent(value)).toEqual([]);
      expect(JSON.stringify(value)).toContain('"timestamp"');
    }),
    { numRuns: 5000 },
  );
  expect(produced).toBeGreaterThan(100);
});

test('a request is valid exactly when envelope, requester and event are', () => {
  const requester = fc.oneof(fc.constant('bhiv_core'), json);
  fc.assert(
    fc.property(requester, event, (requester_id, event_data) => {
      const request = { requester_id, event_data };
      const whole = checkWriteEventRequest(request).length === 0;
      const parts =
        checkEnvelope(request).length === 0 &&
        requester_id === 'bhiv_core' &&
        checkAcceptedEvent(event_data).length === 0;
      expect({ request, valid: whole }).toEqual({ request, valid: parts });
    }),
    { numRuns: 2000 },
  );
});

test('fields that no table names never matter', () => {
  fc.assert(
    fc.property(
      event,
      fc.dictionary(
        fc.string({ minLength: 1 }).map((name) => `x_${name}`),
        json,
      ),
      (value, extra) => {
        fc.pre(isObject(value));
        const more = { ...(value as Fields), ...extra };
        expect(checkAcceptedEvent(more)).toEqual(checkAcceptedEvent(value));
        expect(checkProducedEvent(more)).toEqual(checkProducedEvent(value));
      },
    ),
    { numRuns: 2000 },
  );
});
