import { describe, expect, test } from '@jest/globals';
import type { Drop } from '../src/index.ts';
import { bucket, client, sleep, sums, until } from './support.ts';

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);

test('where the worker cannot be started, the sender runs on the caller’s thread', async () => {
  const server = await bucket();
  const it = client({ url: server.url, workerUrl: fixture('no-such-worker.mjs') });
  for (let i = 0; i < 10; i++) it.writeEvent({ event_type: 'x', i, agent_id: 'a' });
  const [flushed, context] = await Promise.all([it.flush(), it.readContext('nobody')]);
  expect({ flushed, context, reads: it.stats().reads.answered }).toEqual({
    flushed: true,
    context: null,
    reads: 1,
  });
  expect(await it.close()).toBe(true);
  expect(it.stats()).toMatchObject({ delivered: 10, failed: { total: 0 } });
});

test('a URL that no worker can be made of is no reason to throw', async () => {
  const server = await bucket();
  const it = client({ url: server.url, workerUrl: new URL('http://127.0.0.1/worker.js') });
  expect(it.writeEvent({ event_type: 'x' })).toBe(true);
  await server.waitForEvents(1);
});

test('the first event leaves while the caller computes without a break', async () => {
  const events: string[] = [];
  const { Worker } = await import('node:worker_threads');
  const bucketThread = new Worker(fixture('bucket-in-a-thread.mjs'));
  const port = await new Promise<number>((resolve) => bucketThread.once('message', resolve));
  const counted = new Promise<void>((resolve) =>
    bucketThread.once('message', (type) => resolve(void events.push(type))),
  );
  const it = client({ url: `http://127.0.0.1:${port}` });
  it.writeEvent({ event_type: 'first' });
  const end = Date.now() + 1500;
  while (Date.now() < end); // Core computes
  expect(it.stats()).toMatchObject({ delivered: 1, queued: 0, inFlight: 0 });
  await counted;
  expect(events).toEqual(['first']);
  await bucketThread.terminate();
});

test('a closed client stays closed: flush gives the answer of close', async () => {
  const server = await bucket();
  const it = client({ url: server.url });
  it.writeEvent({ event_type: 'x' });
  expect(await it.close()).toBe(true);
  expect(await it.flush()).toBe(true);
  expect(it.stats().delivered).toBe(1);
});

describe('a sender that dies', () => {
  test('fails what it had as `worker`, is replaced no sooner than a second later, and takes no reader with it', async () => {
    const server = await bucket();
    const drops: Drop[] = [];
    const it = client({
      url: server.url,
      workerUrl: fixture('dying-worker.mjs'),
      onDrop: (drop) => drops.push(drop),
    });
    expect(it.writeEvent({ event_type: 'x' })).toBe(true);
    expect(it.writeEvent({ event_type: 'x' })).toBe(true);
    await until(() => it.stats().failed.worker === 2);
    expect(it.stats()).toMatchObject({ queued: 0, inFlight: 0, queuedBytes: 0 });
    expect(drops).toEqual([{ kind: 'failed', reason: 'worker', count: 2 }]);
    expect(it.writeEvent({ event_type: 'x' })).toBe(false);
    expect(await it.readContext('a')).toBeNull();
    expect(it.stats().refused.breaker_open).toBe(1);
    await sleep(1100);
    const read = it.readContext('a');
    expect(it.writeEvent({ event_type: 'x' })).toBe(true);
    expect(await read).toBeNull();
    expect(await it.flush()).toBe(true);
    const { calls, accepted } = sums(it.stats());
    expect(calls[0]).toBe(calls[1]);
    expect(accepted[0]).toBe(accepted[1]);
  });
});
