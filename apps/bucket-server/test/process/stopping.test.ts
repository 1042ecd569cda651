import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { postEvent, RawConnection, sendJson } from '../helpers/http.ts';
import { startBucketProcess } from '../helpers/spawn-bucket.ts';
import { execute, slowTrigger } from '../helpers/sqlite-under-test.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
});
afterEach(() => remove());

const EVENT = '{"requester_id":"bhiv_core","event_data":{"event_type":"x"}}';
const REQUEST = `POST /core/write-event HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`;

/** A writer on one connection, one event after the other, until the connection ends; counts what was acknowledged. */
function keepWriting(port: number): { acknowledged: () => number; ended: Promise<string> } {
  const connection = new RawConnection(port);
  const acknowledged = () => connection.received.split('Event received').length - 1;
  let sent = 0;
  connection.socket.on('connect', () => {
    connection.write(REQUEST);
    sent += 1;
  });
  connection.socket.on('data', () => {
    if (acknowledged() < sent || !connection.socket.writable) return;
    connection.write(REQUEST);
    sent += 1;
  });
  return { acknowledged, ended: connection.closed() };
}

describe('stopping', () => {
  test('under load: every event that was acknowledged is there, the last answer says close, exit status 0', async () => {
    const bucket = await startBucketProcess(folder);
    const writers = Array.from({ length: 20 }, () => keepWriting(bucket.port));
    await delay(400);
    const signalled = performance.now();
    bucket.child.kill('SIGTERM');
    const texts = await Promise.all(writers.map((writer) => writer.ended));
    expect(await bucket.ended).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - signalled).toBeLessThan(10_000);
    expect(texts.filter((text) => /Connection: close/.test(text)).length).toBeGreaterThan(0);
    for (const text of texts) expect(text).not.toMatch(/HTTP\/1\.1 [45]/);

    const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged(), 0);
    expect(acknowledged).toBeGreaterThan(20);
    const again = await startBucketProcess(folder);
    const { body } = await sendJson(again.port, '/core/stats');
    // An event may be stored although its answer met a connection that its writer had lost; none the other way round.
    expect(body.stats.total_events).toBeGreaterThanOrEqual(acknowledged);
    expect(body.stats.total_events).toBeLessThanOrEqual(acknowledged + writers.length);
    again.child.kill('SIGTERM');
    await again.ended;
  });

  test('waits for an event that a commit has taken, and takes no new connection', async () => {
    const bucket = await startBucketProcess(folder);
    execute(folder, slowTrigger('SLOW', 1500));
    const slow = postEvent(bucket.port, '{"event_type":"SLOW"}');
    await delay(200);
    bucket.child.kill('SIGTERM');
    while (bucket.logLines().length < 2) await delay(5);
    await delay(50);
    // Reset: the connection was made while the signal was on its way, and nobody took it.
    await expect(sendJson(bucket.port, '/livez')).rejects.toMatchObject({
      code: expect.stringMatching(/^ECONN(REFUSED|RESET)$/),
    });
    const { status, headers } = await slow;
    expect([status, headers.connection]).toEqual([200, 'close']);
    expect((await bucket.ended).code).toBe(0);
  });

  test('is not held up by connections that say nothing, or that wait for their next request', async () => {
    const bucket = await startBucketProcess(folder);
    const silent = new RawConnection(bucket.port);
    const idle = new RawConnection(bucket.port).write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await idle.until('alive');
    const signalled = performance.now();
    bucket.child.kill('SIGINT');
    expect((await bucket.ended).code).toBe(0);
    expect(performance.now() - signalled).toBeLessThan(4000);
    await Promise.all([silent.closed(), idle.closed()]);
  });

  test('cuts off a body that does not come, within 10 s', async () => {
    const bucket = await startBucketProcess(folder);
    const slow = new RawConnection(bucket.port).write(REQUEST.slice(0, -10));
    await delay(100);
    const signalled = performance.now();
    bucket.child.kill('SIGTERM');
    expect((await bucket.ended).code).toBe(0);
    expect(performance.now() - signalled).toBeLessThan(10_000);
    expect(await slow.closed()).toBe('');
  });

  test('a second signal ends it at once', async () => {
    const bucket = await startBucketProcess(folder);
    const slow = new RawConnection(bucket.port).write(REQUEST.slice(0, -10));
    await delay(100);
    bucket.child.kill('SIGTERM');
    while (bucket.logLines().length < 2) await delay(5);
    const signalled = performance.now();
    bucket.child.kill('SIGINT');
    expect((await bucket.ended).code).toBe(1);
    expect(performance.now() - signalled).toBeLessThan(4000);
    await slow.closed();
  });

  test('it goes on when nobody reads its log any more (EPIPE)', async () => {
    const bucket = await startBucketProcess(folder, { env: { BUCKET_LOG_LEVEL: 'debug' } });
    bucket.child.stdout?.destroy();
    for (let number = 0; number < 20; number += 1) {
      expect((await postEvent(bucket.port, '{"event_type":"x"}')).status).toBe(200);
    }
    bucket.child.kill('SIGTERM');
    expect((await bucket.ended).code).toBe(0);
  });

  test('a reader of the log that has stalled holds up neither events nor the end', async () => {
    const bucket = await startBucketProcess(folder, { env: { BUCKET_LOG_LEVEL: 'debug' } });
    bucket.child.stdout?.pause();
    const long = 'x'.repeat(100);
    const event = `{"event_type":"${long}","agent_id":"${long}"}`;
    for (let round = 0; round < 40; round += 1) {
      const replies = await Promise.all(Array.from({ length: 50 }, () => postEvent(bucket.port, event)));
      expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([200]));
    }
    const signalled = performance.now();
    bucket.child.kill('SIGTERM');
    await new Promise((resolve) => bucket.child.once('exit', resolve));
    expect(performance.now() - signalled).toBeLessThan(10_000);
    bucket.child.stdout?.resume();
    await bucket.ended;
    const again = await startBucketProcess(folder);
    expect((await sendJson(again.port, '/core/stats')).body.stats.total_events).toBe(2000);
    again.child.kill('SIGTERM');
    await again.ended;
  });
});
