import { checkProducedEvent } from '@bhiv/contracts/validators';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LazyRefusal } from '../src/events/refusal.ts';
import { type EventJson, snapshot } from '../src/events/snapshot.ts';
import { envelope } from '../src/shared/envelope.ts';

const NOW = 1_000_000;
const MAX = 10_000;

const take = (event: unknown) => snapshot(event, NOW, MAX);

/** The event_data that goes over the wire, as a reader sees it. */
function wire(event: unknown): Record<string, unknown> {
  const json = take(event);
  if (isRefusal(json)) throw new Error(`refused: ${json.explain()}`);
  const hasTimestamp = typeof json !== 'string';
  const text = hasTimestamp ? json.withTimestamp : json;
  const body = envelope({ json: Buffer.from(text), hasTimestamp, deadline: 0 }, Date.UTC(2026, 0, 29, 10));
  return JSON.parse(body.toString()).event_data;
}

function isRefusal(value: EventJson | LazyRefusal): value is LazyRefusal {
  return typeof value === 'object' && 'reason' in value;
}

const refusal = (event: unknown) => {
  const json = take(event);
  return isRefusal(json) ? `${json.reason}: ${json.explain()}` : 'accepted';
};

describe('what goes over the wire', () => {
  test('is the event with a timestamp', () => {
    const event = { event_type: 'note', agent_id: 'a', extra: [1, { deep: true }] };
    expect(wire(event)).toEqual({ timestamp: '2026-01-29T10:00:00.000Z', ...event });
  });

  test('keeps a timestamp that is given, and takes a Date', () => {
    const timestamp = '2026-01-29T10:00:00.123456+05:30';
    expect(wire({ event_type: 'x', timestamp })).toEqual({ event_type: 'x', timestamp });
    expect(wire({ event_type: 'x', timestamp: new Date(0) }).timestamp).toBe('1970-01-01T00:00:00.000Z');
    expect(wire({ event_type: 'x', timestamp: null }).timestamp).toMatch(/^20\d\d-.*Z$/);
    expect(wire({ event_type: 'x', timestamp: undefined }).timestamp).toMatch(/^20\d\d-.*Z$/);
  });

  test('leaves out a null that stands for "not there"', () => {
    expect(wire({ event_type: 'x', agent_id: null, metadata: null, other: null })).toEqual({
      timestamp: expect.any(String),
      event_type: 'x',
      other: null,
    });
    const result = { status: null, model: 'm', tokens_used: undefined };
    expect(wire({ event_type: 'agent_result', task_id: 't', agent_id: 'a', result }).result).toEqual({
      model: 'm',
    });
  });

  test('honours toJSON, once, at the top and in named objects', () => {
    class Event {
      toJSON() {
        return { event_type: 'x', metadata: { toJSON: () => ({ shown: 1 }) }, toJSON: () => 'never' };
      }
    }
    expect(wire(new Event())).toEqual({
      timestamp: expect.any(String),
      event_type: 'x',
      metadata: { shown: 1 },
    });
  });

  test('does not follow a getter that gives one value to the check and another to the wire', () => {
    let reads = 0;
    const event = {
      event_type: 'rl_outcome',
      agent_id: 'a',
      get reward() {
        reads += 1;
        return reads === 1 ? 0.5 : 'high';
      },
    };
    expect(wire(event).reward).toBe(0.5);
    let looks = 0;
    const tags = new Proxy(['a'], {
      get: (target, key) => (key === '0' && looks++ > 0 ? 7 : Reflect.get(target, key)),
    });
    const outcome = { event_type: 'rl_outcome', agent_id: 'a', reward: 1, metadata: { tags } };
    expect(wire(outcome).metadata).toEqual({ tags: ['a'] });
  });
});

describe('what is refused', () => {
  test.each([
    [undefined, 'event. is undefined'],
    ['text', 'event. is "text"'],
    [[1], 'event. is an array of 1'],
    [{}, 'event.event_type is undefined: give a string'],
    [{ event_type: 7 }, 'event.event_type is 7'],
    [
      { event_type: 'rl_outcome', agent_id: 'a' },
      'event.reward is undefined: give a finite number; it is required',
    ],
    [
      { event_type: 'rl_outcome', agent_id: 'a', reward: Number.NaN },
      'event.reward is NaN: give a finite number',
    ],
    [
      { event_type: 'rl_outcome', agent_id: 'a', reward: null },
      'event.reward is null: give a finite number; it is required',
    ],
    [{ event_type: 'rl_outcome', agent_id: 'a', reward: 1, metadata: [] }, 'event.metadata is an array of 0'],
    [
      { event_type: 'rl_outcome', agent_id: 'a', reward: 1, metadata: { tags: ['a', 1] } },
      'event.metadata.tags',
    ],
    [
      { event_type: 'rl_outcome', agent_id: 'a', reward: 1, metadata: { tags: 'a' } },
      'event.metadata.tags is "a"',
    ],
    [
      { event_type: 'rl_outcome', agent_id: 'a', reward: 1, metadata: { tags: new Array(10_001).fill('') } },
      'event.metadata.tags is an array of 10001',
    ],
    [
      { event_type: 'agent_result', task_id: 't', agent_id: 'a', result: 'ok' },
      'event.result is "ok": give an object',
    ],
    [
      { event_type: 'agent_result', task_id: 't', agent_id: 'a', result: { status: 1.5 } },
      'event.result.status is 1.5',
    ],
    [
      { event_type: 'task_error', task_id: 't', agent_id: 'a', error: {} },
      'event.error is an object: give a string',
    ],
    [{ event_type: 'x', agent_id: () => 1 }, 'event.agent_id is a function'],
    [{ event_type: 'x', timestamp: 'yesterday' }, 'event.timestamp is "yesterday": give ISO 8601'],
    [{ event_type: 'x', timestamp: '2026-13-40T10:00:00Z' }, 'event.timestamp'],
    [{ event_type: 'x', toJSON: () => 'text' }, 'give an object'],
    [{ event_type: 'x', agent_id: Symbol('s') }, 'event.agent_id is Symbol(s)'],
  ])('%j', (event, message) => {
    expect(refusal(event)).toContain('invalid: ');
    expect(refusal(event)).toContain(message);
  });

  test('a named string that is too long alone, before any JSON is made of it', () => {
    const event = { event_type: 'task_error', task_id: 't', agent_id: 'a', error: 'e'.repeat(MAX + 1) };
    expect(refusal(event)).toBe(
      `too_large: event.error has ${MAX + 1} characters; an event may have ${MAX} bytes`,
    );
  });

  test('a long value is cut in the message', () => {
    expect(refusal({ event_type: 'x', timestamp: 'y'.repeat(500) }).length).toBeLessThan(250);
  });
});

/** Values of every JSON kind, and some that JSON changes. */
const anyValue = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.array(fc.oneof(fc.string({ maxLength: 3 }), fc.integer()), { maxLength: 3 }),
  fc.constant({}),
);
const nested = fc.oneof(
  anyValue,
  fc.record(
    {
      status: anyValue,
      response: anyValue,
      processing_time: anyValue,
      model: anyValue,
      tokens_used: anyValue,
      task_id: anyValue,
      input_type: anyValue,
      tags: fc.oneof(anyValue, fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 })),
      other: anyValue,
    },
    { requiredKeys: [] },
  ),
);
const anyEvent = fc.record(
  {
    event_type: fc.oneof(fc.constantFrom('rl_outcome', 'agent_result', 'task_error', 'other'), anyValue),
    timestamp: fc.oneof(anyValue, fc.constant('2026-01-29T10:00:00Z')),
    agent_id: fc.oneof(fc.constant('a'), anyValue),
    task_id: fc.oneof(fc.constant('t'), anyValue),
    reward: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), anyValue),
    result: nested,
    metadata: nested,
    error: fc.oneof(fc.constant('e'), anyValue),
    input_type: anyValue,
  },
  { requiredKeys: ['event_type'] },
);

test("the client's rules and the contract's producer schema agree", () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyEvent, (event) => {
      const json = take(event);
      if (!isRefusal(json)) {
        accepted += 1;
        expect(checkProducedEvent(wire(event))).toEqual([]);
        return;
      }
      // what the client refuses is invalid by the schema too, once nulls that mean "not there" are taken out
      const plain = withoutNulls({ timestamp: '2026-01-29T10:00:00Z', ...definedOnly(event) });
      expect(checkProducedEvent(plain)).not.toEqual([]);
    }),
    { numRuns: 10_000 },
  );
  expect(accepted).toBeGreaterThan(300);
});

function definedOnly(event: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(event).filter(([, value]) => value !== undefined && value !== null),
  );
}

function withoutNulls(event: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? [name, definedOnly({ ...value })]
        : [name, value],
    ),
  );
}
