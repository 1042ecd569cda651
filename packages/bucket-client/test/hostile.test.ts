import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { BucketClient } from '../src/index.ts';
import { bucket, client, sums, until } from './support.ts';

const throwing = (): never => {
  throw new Error('hostile');
};

function circular(): unknown {
  const value: Record<string, unknown> = { event_type: 'x' };
  value.self = value;
  return value;
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({ event_type: 'x' }, {});
  revoke();
  return proxy;
}

const throwingProxy = () =>
  new Proxy({}, { get: throwing, has: throwing, ownKeys: throwing, getOwnPropertyDescriptor: throwing });

/** Each is a maker, since some of them are spent by use. */
const HOSTILE: ReadonlyArray<readonly [string, () => unknown]> = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a number', () => 7],
  ['a symbol', () => Symbol('s')],
  ['a function', () => () => ({ event_type: 'x' })],
  ['a BigInt', () => 7n],
  ['an array', () => [{ event_type: 'x' }]],
  [
    'a throwing getter',
    () => ({
      event_type: 'x',
      get bad() {
        return throwing();
      },
    }),
  ],
  [
    'a throwing getter as type',
    () => ({
      get event_type() {
        return throwing();
      },
    }),
  ],
  ['a throwing toJSON', () => ({ event_type: 'x', toJSON: throwing })],
  ['a nested throwing toJSON', () => ({ event_type: 'x', metadata: { deep: { toJSON: throwing } } })],
  ['a revoked proxy', revoked],
  ['a nested revoked proxy', () => ({ event_type: 'x', metadata: revoked() })],
  ['a proxy that throws at everything', throwingProxy],
  ['a BigInt inside', () => ({ event_type: 'x', n: 1n })],
  ['a circle', circular],
  ['a nested circle', () => ({ event_type: 'x', metadata: circular() })],
  ['100,000 levels', () => ({ event_type: 'x', deep: deep(100_000) })],
  ['a string over the limit', () => ({ event_type: 'x', text: 'x'.repeat(2 * 1024 * 1024) })],
  ['a reward of NaN', () => ({ event_type: 'rl_outcome', agent_id: 'a', reward: Number.NaN })],
  [
    'a getter that throws a proxy',
    () => ({
      event_type: 'x',
      get bad() {
        throw throwingProxy();
      },
    }),
  ],
  [
    'an endless list',
    () => ({
      event_type: 'rl_outcome',
      agent_id: 'a',
      reward: 1,
      metadata: { tags: new Array(2 ** 32 - 1) },
    }),
  ],
];

describe.each(HOSTILE)('%s', (_name, make) => {
  test('is refused without a throw, and its neighbours arrive', async () => {
    const server = await bucket();
    const it = client({ url: server.url, thread: 'main' });
    expect(it.writeEvent({ event_type: 'before' })).toBe(true);
    expect(it.writeEvent(make() as never)).toBe(false);
    expect(it.writeError(make() as never)).toBe(false);
    expect(it.writeRlOutcome(make() as never, make() as never, make() as never)).toBe(false);
    expect(it.writeAgentResult(make() as never, make() as never, make() as never)).toBe(false);
    expect(await it.readContext(make() as never)).toBeNull();
    expect(it.writeEvent({ event_type: 'after' })).toBe(true);
    await server.waitForEvents(2);
    expect(server.events.map((event) => event.event_type).sort()).toEqual(['after', 'before']);
    expect(it.stats()).toMatchObject({ calls: 6, accepted: 2, refused: { total: 4 } });
  });
});

test('10,000 levels deep arrive whole', async () => {
  const server = await bucket();
  const it = client({ url: server.url, thread: 'main' });
  // where the stack allows: an engine that cannot must refuse, not throw
  if (it.writeEvent({ event_type: 'deep', value: deep(10_000) })) {
    const [event] = await server.waitForEvents(1);
    let levels = 0;
    for (let value = event?.value; typeof value === 'object' && value !== null; levels++)
      [value] = Object.values(value);
    expect(levels).toBe(10_000);
  } else {
    expect(it.stats().refused.unserializable).toBe(1);
  }
});

test('a call on the last of the stack does not throw', async () => {
  const server = await bucket();
  const it = client({ url: server.url, thread: 'main' });
  let throws = 0;
  let calls = 0;
  const dive = (): void => {
    try {
      dive();
    } catch {
      return; // the bottom: the frames above it have a little more stack each
    }
    if (calls >= 400) return;
    calls += 1;
    try {
      it.writeEvent({ event_type: 'x', metadata: { a: [1, 2, 3] } });
    } catch {
      throws += 1;
    }
  };
  dive();
  // entering the method takes stack that is not there: no library can help the first few frames
  expect(throws).toBeLessThan(40);
  const { calls: total, accepted } = sums(it.stats());
  expect(total[0]).toBe(total[1]);
  expect(accepted[0]).toBe(accepted[1]);
  await until(() => it.stats().delivered === it.stats().accepted);
});

/** fast-check cannot hold such values itself: it makes makers, and each value is made just before its call. */
type Maker = () => unknown;
const constant = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Maker> =>
  arbitrary.map((value) => () => value);

const leaf: fc.Arbitrary<Maker> = fc.oneof(
  constant(fc.constantFrom(undefined, null, Symbol('s'))),
  constant(fc.double()),
  constant(fc.bigInt()),
  constant(fc.string({ unit: 'binary', maxLength: 20 })),
  constant(fc.boolean()),
  constant(fc.date({ noInvalidDate: false })),
  fc.constantFrom(...HOSTILE.filter(([name]) => !/levels|limit|endless/.test(name)).map(([, make]) => make)),
  fc.constant(() => Object.defineProperty({}, 'bad', { get: throwing, enumerable: true })),
);
const all =
  (makers: Maker[]): Maker =>
  () =>
    makers.map((make) => make());
const fields =
  (makers: Record<string, Maker>): Maker =>
  () =>
    Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make()]));

const { tree } = fc.letrec<{ tree: Maker }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }).map(all),
    fc.dictionary(fc.string({ maxLength: 4 }), tie('tree'), { maxKeys: 3 }).map(fields),
    fc
      .record(
        {
          event_type: fc.oneof(
            constant(fc.constantFrom('rl_outcome', 'agent_result', 'task_error', 'x')),
            leaf,
          ),
          agent_id: fc.oneof(constant(fc.string()), leaf),
          task_id: fc.oneof(constant(fc.string()), leaf),
          reward: leaf,
          result: tie('tree'),
          metadata: tie('tree'),
          timestamp: leaf,
          toJSON: constant(fc.constantFrom(undefined, throwing, () => ({ event_type: 'x' }))),
        },
        { requiredKeys: [] },
      )
      .map(fields),
  ),
}));

/** As many hostile values as `BHIV_HOSTILE_RUNS` says. The sums are looked at after each. */
const RUNS = Number(process.env.BHIV_HOSTILE_RUNS ?? 100_000);

test(`${RUNS} hostile values: not one throws, not one takes a neighbour with it`, async () => {
  const server = await bucket();
  const it = client({ url: server.url });
  let calls = 0;
  let accepted = 0;
  while (calls < RUNS) {
    fc.assert(
      fc.property(tree, fc.nat(4), (make, method) => {
        calls += 1;
        const answer = call(it, method, make());
        expect(typeof answer).toBe('boolean');
        if (answer) accepted += 1;
      }),
      { numRuns: 1000 },
    );
    const stats = it.stats();
    expect(stats).toMatchObject({ calls, accepted });
    // what was accepted is valid by the contract, so Bucket takes every one
    expect(await it.flush(10_000)).toBe(true);
    expect(it.stats()).toMatchObject({ delivered: accepted, failed: { total: 0 }, expired: 0 });
  }
  expect(server.events).toHaveLength(accepted);
  expect(accepted).toBeGreaterThan(RUNS / 100);
  expect(accepted).toBeLessThan(RUNS);
}, 240_000);

function call(it: BucketClient, method: number, value: unknown): boolean {
  const any = value as never; // hostile by intent: these are not what the types ask for
  if (method === 0) return it.writeRlOutcome('a', 1, any);
  if (method === 1) return it.writeAgentResult('t', 'a', any);
  if (method === 2) return it.writeError({ taskId: 't', agentId: 'a', error: any });
  if (method === 3) return it.writeEvent({ event_type: 'x', extra: any });
  return it.writeEvent(any);
}
