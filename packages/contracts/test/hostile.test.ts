import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as validators from '../src/validators.ts';
import { MANIFEST_SCHEMA_NAMES, SCHEMA_NAMES } from '../src/validators.ts';

const checks = Object.entries(validators).filter(
  (entry): entry is [string, validators.Check] => entry[0].startsWith('check') && entry[0] !== 'check',
);

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { value };
  return value;
}

const circular: Record<string, unknown> = { event_type: 'heartbeat' };
circular.self = circular;
circular.agent_id = circular;

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

const thrower = () => {
  throw new Error('hostile');
};

const HOSTILE: [string, unknown][] = [
  ['undefined', undefined],
  ['a BigInt', 5n],
  ['a symbol', Symbol('s')],
  ['a function', () => 5],
  ['10,000 levels', nested(10_000)],
  ['circular', circular],
  ['a revoked proxy', revoked()],
  ['a getter that throws', Object.defineProperty({}, 'event_type', { get: thrower, enumerable: true })],
  [
    'a getter that throws undefined',
    Object.defineProperty({}, 'event_type', {
      get: () => {
        throw undefined;
      },
      enumerable: true,
    }),
  ],
  [
    'a proxy whose every trap throws',
    new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower }),
  ],
  ['a toJSON that throws', { toJSON: thrower }],
  ['a toString that throws', { toString: thrower, valueOf: thrower }],
  ['no prototype', Object.assign(Object.create(null), { event_type: 'heartbeat' })],
  ['a Date', new Date(Number.NaN)],
  ['a Map', new Map([[{}, 1]])],
  ['a typed array', new Uint8Array(1000)],
  ['a class', class Hostile {}],
];

describe.each(checks)('%s', (_name, checkValue) => {
  test.each(HOSTILE)('does not throw for %s, there or in a field', (_what, value) => {
    expect(Array.isArray(checkValue(value))).toBe(true);
    for (const field of [
      'event_type',
      'agent_id',
      'metadata',
      'result',
      'event_data',
      'requester_id',
      'context',
      'events',
      'error',
      'services',
      'stats',
    ]) {
      const event = { event_type: 'rl_outcome', agent_id: 'a', reward: 1, success: true, status: 'healthy' };
      expect(Array.isArray(checkValue({ ...event, [field]: value }))).toBe(true);
    }
  });
});

test('a value that cannot be read is a problem of its own', () => {
  const event = Object.defineProperty({}, 'event_type', { get: thrower, enumerable: true });
  expect(validators.checkAcceptedEvent(event)).toEqual([
    {
      field: 'event_data',
      value: 'unreadable',
      rule: 'readable',
      message: 'event_data is unreadable ("hostile"): send plain data, as JSON.parse gives it.',
    },
  ]);
});

test('no check throws, whatever it is given', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
  });
  const field = fc.constantFrom(
    'event_type',
    'agent_id',
    'task_id',
    'reward',
    'result',
    'error',
    'metadata',
    'timestamp',
    'input_type',
    'event_data',
    'requester_id',
    'context',
    'events',
    'stats',
    'services',
    'shards',
    'files',
  );
  const event = fc
    .tuple(
      fc.constantFrom('rl_outcome', 'agent_result', 'task_error', 'heartbeat'),
      fc.dictionary(field, anything),
    )
    .map(([event_type, rest]) => ({ event_type, ...rest }));
  fc.assert(
    fc.property(
      fc.constantFrom(...SCHEMA_NAMES, ...MANIFEST_SCHEMA_NAMES),
      fc.oneof(anything, event),
      (name, value) => {
        for (const { field, value: shown, rule, message } of validators.check(name, value)) {
          expect(
            [field, shown, rule, message].every((text) => typeof text === 'string' && text.length > 0),
          ).toBe(true);
          expect(shown.length).toBeLessThanOrEqual(101);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
