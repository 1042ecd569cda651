import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, test } from '@jest/globals';
import { BucketClient, type ClientStats, DROP_CHANNEL, type Drop } from '../src/index.ts';
import { bucket, client, sleep, sums, tcpServer, until } from './support.ts';

const balanced = (stats: ClientStats) => {
  const { calls, accepted } = sums(stats);
  expect(calls[0]).toBe(calls[1]);
  expect(accepted[0]).toBe(accepted[1]);
};

describe.each(['worker', 'main'] as const)('with the sender in thread %s', (thread) => {
  test('every kind of event arrives, and every call is accounted for', async () => {
    const { url, waitForEvents } = await bucket();
    const it = client({ url, thread });
    expect(it.problem).toBeNull();
    expect(it.writeEvent({ event_type: 'note', agent_id: 'a', big: 'é€😀' })).toBe(true);
    expect(it.writeRlOutcome('a', 0.5, { task_id: 't', tags: ['x'], step: 3 })).toBe(true);
    expect(it.writeRlOutcome('a', 0.5)).toBe(true);
    expect(it.writeAgentResult('t', 'a', { status: 200, response: 'done', extra: 1 })).toBe(true);
    expect(it.writeError({ taskId: 't', agentId: 'a', error: new TypeError('no'), inputType: 'text' })).toBe(
      true,
    );
    balanced(it.stats());
    const events = await waitForEvents(5);
    expect(await it.flush()).toBe(true);
    const types = events.map((event) => event.event_type).sort();
    expect(types).toEqual(['agent_result', 'note', 'rl_outcome', 'rl_outcome', 'task_error']);
    expect(events.every((event) => !Number.isNaN(Date.parse(String(event.timestamp))))).toBe(true);
    expect(events.find((event) => event.event_type === 'note')?.big).toBe('é€😀');
    expect(events.find((event) => event.event_type === 'task_error')).toMatchObject({
      task_id: 't',
      agent_id: 'a',
      error: 'TypeError: no',
      input_type: 'text',
    });
    expect(it.stats()).toMatchObject({
      calls: 5,
      accepted: 5,
      delivered: 5,
      queued: 0,
      inFlight: 0,
      breaker: 'closed',
    });
    expect(await it.close()).toBe(true);
    balanced(it.stats());
  });

  test('what is changed after the call, at any depth, changes nothing on the wire', async () => {
    const { url, waitForEvents } = await bucket();
    const it = client({ url, thread });
    const event = { event_type: 'note', list: [{ deep: { value: 'before' } }] };
    it.writeEvent(event);
    event.event_type = 'after';
    for (const item of event.list) item.deep.value = 'after';
    event.list.push({ deep: { value: 'after' } });
    const [stored] = await waitForEvents(1);
    expect(stored).toMatchObject({ event_type: 'note', list: [{ deep: { value: 'before' } }] });
    expect(stored?.list).toHaveLength(1);
  });

  test('a context is read, null where there is none', async () => {
    const { url, waitForEvents } = await bucket();
    const it = client({ url, thread });
    expect(await it.readContext('nobody & nothing=é')).toBeNull();
    it.writeEvent({ event_type: 'x', agent_id: 'a b', timestamp: '2026-01-29T10:00:00Z' });
    await waitForEvents(1);
    expect(await it.readContext('a b')).toEqual({
      agent_id: 'a b',
      event_count: 1,
      last_updated: '2026-01-29T10:00:00Z',
      recent_event_types: ['x'],
    });
    // whatever JavaScript gives it, it answers null
    expect(await it.readContext(undefined as unknown as string)).toBeNull();
    expect(it.stats().reads).toEqual({ calls: 3, answered: 2, failed: 1, pending: 0 });
  });

  test('close delivers what is queued, refuses what comes later, and is the same promise twice', async () => {
    const server = await bucket();
    const drops: Drop[] = [];
    const it = client({ url: server.url, thread, onDrop: (drop) => drops.push(drop) });
    for (let i = 0; i < 100; i++) it.writeEvent({ event_type: 'x', i });
    const first = it.close();
    expect(it.close()).toBe(first);
    expect(it.writeEvent({ event_type: 'late' })).toBe(false);
    expect(await it.readContext('a')).toBeNull();
    expect(await first).toBe(true);
    expect(server.events).toHaveLength(100);
    expect(it.stats()).toMatchObject({ accepted: 100, delivered: 100, refused: { closed: 1, total: 1 } });
    expect(drops).toEqual([expect.objectContaining({ kind: 'refused', reason: 'closed', count: 1 })]);
  });

  test('close gives up at its deadline: what is left is expired or failed, and false is the answer', async () => {
    const url = await tcpServer(() => undefined); // accepts and says nothing
    const it = client({ url, thread, maxConcurrency: 2 });
    for (let i = 0; i < 10; i++) it.writeEvent({ event_type: 'x', i });
    await until(() => it.stats().inFlight === 2);
    const read = it.readContext('a');
    const start = performance.now();
    expect(await it.close(300)).toBe(false);
    expect(performance.now() - start).toBeLessThan(1500);
    expect(it.stats().reads).toMatchObject({ failed: 1, pending: 0 });
    expect(await read).toBeNull();
    expect(it.stats()).toMatchObject({
      queued: 0,
      inFlight: 0,
      expired: 8,
      failed: { timeout: 2, total: 2 },
    });
    balanced(it.stats());
  });

  test('a queue that is full refuses the newest, stays shut until something left, and says so once a call', async () => {
    const url = await tcpServer(() => undefined);
    const it = client({ url, thread, queueEvents: 5, maxConcurrency: 1, deadlineMs: 400 });
    for (let i = 0; i < 50; i++) it.writeEvent({ event_type: 'x', i });
    balanced(it.stats());
    const { accepted, refused } = it.stats();
    expect(accepted).toBeLessThanOrEqual(6); // the sender may have taken one meanwhile
    expect(refused).toMatchObject({ queue_overflow: 50 - accepted, total: 50 - accepted });
    await until(() => it.stats().queued === 0);
    expect(it.writeEvent({ event_type: 'x' })).toBe(true);
  });

  test('the queue is bounded in bytes', async () => {
    const url = await tcpServer(() => undefined);
    const it = client({ url, thread, queueBytes: 4096 });
    const event = { event_type: 'x', pad: 'p'.repeat(1000) };
    const answers = Array.from({ length: 20 }, () => it.writeEvent(event));
    expect(answers.filter(Boolean).length).toBeLessThan(15);
    expect(it.stats().refused.queue_overflow).toBeGreaterThan(0);
    balanced(it.stats());
  });

  test('an event over the limit is refused, at the limit it is not', async () => {
    const { url, waitForEvents } = await bucket();
    const it = client({ url, thread, maxEventBytes: 1000 });
    expect(it.writeEvent({ event_type: 'x', pad: 'p'.repeat(1000) })).toBe(false);
    expect(it.writeEvent({ event_type: 'x', pad: 'é'.repeat(450) })).toBe(false);
    expect(it.writeEvent({ event_type: 'x', pad: 'é'.repeat(400) })).toBe(true);
    await waitForEvents(1);
    expect(it.stats().refused).toMatchObject({ too_large: 2, total: 2 });
  });

  test('events expire 2 s after their call at the latest, and flush waits for it', async () => {
    const url = await tcpServer(() => undefined);
    const it = client({ url, thread, maxConcurrency: 1, deadlineMs: 1500 });
    for (let i = 0; i < 5; i++) it.writeEvent({ event_type: 'x' });
    expect(await it.flush(20)).toBe(false);
    expect(await it.flush()).toBe(true);
    const { failed, expired, queued, inFlight } = it.stats();
    expect({ queued, inFlight, lost: failed.total + expired }).toEqual({ queued: 0, inFlight: 0, lost: 5 });
    expect(failed.timeout).toBeGreaterThanOrEqual(1);
    expect(expired).toBeGreaterThanOrEqual(1);
  });
});

test('a host is looked up by name, and a name that does not exist is a network failure', async () => {
  const server = await bucket();
  const { port } = new URL(server.url);
  const it = client({ url: `http://localhost:${port}`, thread: 'main' });
  for (let i = 0; i < 20; i++) it.writeEvent({ event_type: 'x' });
  await server.waitForEvents(20);
  const nowhere = client({ url: 'http://no-such-host.invalid', thread: 'main' });
  nowhere.writeEvent({ event_type: 'x' });
  nowhere.writeEvent({ event_type: 'x' });
  await nowhere.flush();
  expect(nowhere.stats().failed).toMatchObject({ total: 2 });
});

test('the process is held for as long as the newest event lives', async () => {
  const url = await tcpServer(() => undefined);
  const it = client({ url, deadlineMs: 200 });
  for (let i = 0; i < 3; i++) {
    it.writeEvent({ event_type: 'x' });
    await sleep(250);
  }
  await sleep(300);
  expect(it.stats()).toMatchObject({ accepted: 3, queued: 0, inFlight: 0 });
});

test('it can be used with `await using`', async () => {
  const server = await bucket();
  const it = client({ url: server.url, thread: 'main' });
  it.writeEvent({ event_type: 'x' });
  await it[Symbol.asyncDispose]();
  expect(server.events).toHaveLength(1);
});

test('a client that was never used starts nothing and closes at once', async () => {
  const it = new BucketClient();
  expect(await it.flush()).toBe(true);
  expect(it.stats()).toMatchObject({ calls: 0, accepted: 0, queuedBytes: 0 });
  expect(await it.close(Number.NaN)).toBe(true);
});

test('drops are published on a diagnostics channel, and a listener can neither throw into Core nor recurse', async () => {
  const seen: unknown[] = [];
  const listen = (message: unknown) => seen.push(message);
  subscribe(DROP_CHANNEL, listen);
  const it = client({
    url: 'http://127.0.0.1:9',
    onDrop: () => {
      it.writeEvent({ event_type: 7 } as never);
      throw new Error('the listener is broken');
    },
  });
  expect(it.writeEvent({ event_type: 7 } as never)).toBe(false);
  unsubscribe(DROP_CHANNEL, listen);
  expect(seen).toEqual([
    {
      kind: 'refused',
      reason: 'invalid',
      count: 1,
      message: 'event.event_type is 7: give a string, such as "agent_result"',
    },
  ]);
  expect(it.stats()).toMatchObject({ callbackErrors: 1, refused: { invalid: 2, total: 2 } });
});

test('what is no error is still written as one, and what is no input is refused', async () => {
  const server = await bucket();
  const it = client({ url: server.url, thread: 'main' });
  for (const error of ['text', 7, { message: 'bare' }, { name: 'Odd', message: 'named' }]) {
    expect(it.writeError({ taskId: 't', agentId: 'a', error })).toBe(true);
  }
  expect(it.writeError({ taskId: 't', agentId: 'a', error: undefined })).toBe(false);
  expect(it.writeError(undefined as never)).toBe(false);
  await server.waitForEvents(4);
  expect(server.events.map((event) => event.error)).toEqual(['text', '7', 'Error: bare', 'Odd: named']);
});

test('an error that cannot even be looked at is a refusal like any other', () => {
  const it = client({});
  const event = {
    event_type: 'x',
    get bad() {
      throw new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error('hostile');
          },
        },
      );
    },
  };
  expect(it.writeEvent(event)).toBe(false);
  expect(it.stats().refused.unserializable).toBe(1);
});

test('a value that cannot be rendered is still refused with a message', () => {
  const drops: Drop[] = [];
  const it = client({ onDrop: (drop) => drops.push(drop) });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(it.writeEvent({ event_type: 'x', timestamp: proxy as never })).toBe(false);
  expect(it.writeEvent({ event_type: proxy as never })).toBe(false);
  expect(drops).toMatchObject([
    { reason: 'unserializable' },
    {
      reason: 'invalid',
      message: 'event.event_type is a value that cannot be shown: give a string, such as "agent_result"',
    },
  ]);
});

test('a string beyond what the engine can hold is too large', () => {
  const drops: Drop[] = [];
  const it = client({ onDrop: (drop) => drops.push(drop) });
  const half = 'x'.repeat(2 ** 28);
  expect(it.writeEvent({ event_type: 'x', parts: [half, half, half] })).toBe(false);
  expect(drops).toMatchObject([{ reason: 'too_large', message: expect.stringContaining('maxEventBytes') }]);
});
