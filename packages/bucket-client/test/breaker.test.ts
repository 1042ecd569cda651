import { describe, expect, test } from '@jest/globals';
import { CircuitBreaker } from '../src/sender/breaker.ts';
import { failure } from '../src/sender/outcome.ts';
import { startTestBucket } from '../src/testing/index.ts';
import { bucket, cleanUp, client, httpAnswer, sleep, tcpServer, until } from './support.ts';

const down = failure('network');
const up = { delivered: true, body: {} } as const;

describe('the circuit breaker', () => {
  test('opens after five failures in a row', () => {
    const changes: Array<[boolean, number]> = [];
    const breaker = new CircuitBreaker((open, probeAt) => changes.push([open, probeAt]));
    for (let i = 0; i < 4; i++) breaker.record(down, 100);
    breaker.record(up, 100);
    for (let i = 0; i < 4; i++) breaker.record(down, 100);
    expect(breaker.open).toBe(false);
    breaker.record(down, 100);
    expect(breaker.open).toBe(true);
    expect(changes).toEqual([[true, 1100]]);
  });

  test('lets one attempt through a second, counted from its start, and closes on the first sign of life', () => {
    const breaker = new CircuitBreaker();
    for (let i = 0; i < 5; i++) breaker.record(down, 0);
    expect([999, 1000, 1001, 1999, 2000].map((now) => breaker.tryEnter(now))).toEqual([
      false,
      true,
      false,
      false,
      true,
    ]);
    breaker.record(down, 2100);
    expect(breaker.tryEnter(2999)).toBe(false);
    breaker.record(failure('http_4xx', 403), 3000);
    expect(breaker.open).toBe(false);
    expect(breaker.tryEnter(3001)).toBe(true);
  });
});

test.each(['worker', 'main'] as const)(
  'with Bucket gone calls are refused, and soon after its return events flow again (%s)',
  async (thread) => {
    const first = await startTestBucket();
    const port = Number(new URL(first.url).port);
    const it = client({ url: first.url, thread });
    it.writeEvent({ event_type: 'x' });
    await first.waitForEvents(1);
    await first.close();
    await until(() => {
      it.writeEvent({ event_type: 'lost' });
      return it.stats().breaker === 'open' && it.stats().refused.breaker_open > 0;
    });
    expect(await it.readContext('a')).toBeNull();
    const again = await startTestBucket(port);
    cleanUp(() => again.close());
    const start = performance.now();
    await until(() => {
      it.writeEvent({ event_type: 'back' });
      return again.events.some((event) => event.event_type === 'back');
    });
    // the bound of 1.5 s is measured in the outage matrix; here only that it does not take for ever
    expect(performance.now() - start).toBeLessThan(5000);
    await until(() => it.stats().breaker === 'closed'); // its answer may still be on the way
  },
);

test('a burst that a slow Bucket cannot take in time expires, and does not open the breaker', async () => {
  const url = await tcpServer((socket) =>
    socket.on('data', () => setTimeout(() => socket.write(httpAnswer(200, '{"success": true}')), 40)),
  );
  const it = client({ url, thread: 'main', deadlineMs: 400 });
  for (let i = 0; i < 300; i++) it.writeEvent({ event_type: 'x', i });
  await it.flush();
  const { delivered, expired, breaker } = it.stats();
  expect(breaker).toBe('closed');
  expect(delivered).toBeGreaterThan(0);
  expect(expired).toBeGreaterThan(0);
  expect(it.writeEvent({ event_type: 'x' })).toBe(true);
});

test('where more comes than Bucket can take, it goes on getting what it can take', async () => {
  const url = await tcpServer((socket) =>
    socket.on('data', () => setTimeout(() => socket.write(httpAnswer(200, '{"success": true}')), 40)),
  );
  const it = client({ url, thread: 'main', deadlineMs: 500, maxConcurrency: 2 });
  const perSecond: number[] = [];
  for (let second = 0; second < 4; second++) {
    const before = it.stats().delivered;
    for (let i = 0; i < 100; i++) {
      it.writeEvent({ event_type: 'x' });
      await sleep(10);
    }
    perSecond.push(it.stats().delivered - before);
  }
  // two sockets of 25 a second each; the rest expires
  expect(perSecond.at(-1)).toBeGreaterThan(15);
});

test('with Bucket down for reads only, reads are null at once and writes go on', async () => {
  const server = await bucket();
  const it = client({ url: server.url, thread: 'main' });
  server.fail({ status: 500 });
  for (let i = 0; i < 5; i++) expect(await it.readContext('a')).toBeNull();
  const before = server.requests;
  for (let i = 0; i < 20; i++) expect(await it.readContext('a')).toBeNull();
  expect(server.requests - before).toBeLessThan(5);
  server.fail(undefined);
  expect(it.writeEvent({ event_type: 'x', agent_id: 'a' })).toBe(true);
  await server.waitForEvents(1);
  await sleep(1100);
  expect(await it.readContext('a')).toMatchObject({ event_count: 1 });
});

test('what waits when the breaker opens is given up once it is too old for a probe', async () => {
  const server = await bucket();
  server.fail({ status: 500 });
  const it = client({ url: server.url, thread: 'main', maxConcurrency: 1 });
  for (let i = 0; i < 12; i++) it.writeEvent({ event_type: 'x', i });
  await until(() => it.stats().breaker === 'open');
  expect(it.stats().failed.http_5xx).toBe(5);
  await it.flush(5000);
  const { failed, expired } = it.stats();
  expect(failed.http_5xx + expired).toBe(12);
  expect(expired).toBeGreaterThanOrEqual(6);
});
