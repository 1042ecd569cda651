import type { Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { Drop } from '../src/index.ts';
import type { FailureReason } from '../src/reasons.ts';
import { bucket, client, httpAnswer, tcpServer, until } from './support.ts';

const GOOD = '{"success": true, "message": "Event received"}';
const bytes = (n: number) => 'x'.repeat(n);

/** What Bucket does with a request, and what the client calls it. */
const ANSWERS: ReadonlyArray<readonly [string, (socket: Socket) => void, FailureReason, number?]> = [
  ['300', (s) => s.end(httpAnswer(300, '')), 'http_3xx', 300],
  [
    'a redirect',
    (s) => s.end(httpAnswer(307, '', 'Location: http://127.0.0.1:9/elsewhere\r\n')),
    'http_3xx',
    307,
  ],
  ['400', (s) => s.end(httpAnswer(400, '{}')), 'http_4xx', 400],
  ['404', (s) => s.end(httpAnswer(404, 'not here')), 'http_4xx', 404],
  ['500', (s) => s.end(httpAnswer(500, bytes(5000))), 'http_5xx', 500],
  ['500 with a body that is too long', (s) => s.end(httpAnswer(500, bytes(200_000))), 'http_5xx', 500],
  ['not JSON', (s) => s.end(httpAnswer(200, 'OK')), 'bad_response', 200],
  ['JSON, but null', (s) => s.end(httpAnswer(200, 'null')), 'bad_response', 200],
  ['JSON without success', (s) => s.end(httpAnswer(200, '{}')), 'bad_response', 200],
  ['success that is no boolean', (s) => s.end(httpAnswer(200, '{"success": "yes"}')), 'bad_response', 200],
  ['success: false', (s) => s.end(httpAnswer(200, '{"success": false, "message": "full"}')), 'rejected', 200],
  ['an answer that is too long', (s) => s.end(httpAnswer(200, bytes(200_000))), 'response_too_large', 200],
  ['no HTTP', (s) => s.end('SSH-2.0-OpenSSH\r\n'), 'network'],
  ['a reset', (s) => s.resetAndDestroy(), 'network'],
  ['an end before the end', (s) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"succ'), 'network'],
  ['silence', () => undefined, 'timeout'],
  ['a head and then silence', (s) => s.write('HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n'), 'timeout'],
];

describe.each(ANSWERS)('%s', (_name, answer, reason, status) => {
  test(`a write fails as ${reason}, a read gives null`, async () => {
    const url = await tcpServer((socket) => socket.once('data', () => answer(socket)));
    const drops: Drop[] = [];
    const it = client({ url, thread: 'main', deadlineMs: 500, onDrop: (drop) => drops.push(drop) });
    it.writeEvent({ event_type: 'x' });
    expect(await it.readContext('a')).toBeNull();
    await it.flush();
    expect(it.stats()).toMatchObject({
      delivered: 0,
      failed: { [reason]: 1, total: 1 },
      reads: { failed: 1 },
    });
    expect(drops).toEqual([{ kind: 'failed', reason, count: 1, ...(status !== undefined && { status }) }]);
  });
});

test('any 2xx with success: true is a delivery', async () => {
  const url = await tcpServer((socket) => socket.once('data', () => socket.end(httpAnswer(202, GOOD))));
  const it = client({ url, thread: 'main' });
  it.writeEvent({ event_type: 'x' });
  expect(await it.flush()).toBe(true);
  expect(it.stats().delivered).toBe(1);
});

test.each([
  '{"success": true}',
  '{"success": true, "context": 7}',
  '{"success": true, "context": {"agent_id": "a"}}',
  '{"success": true, "context": {"agent_id": "a", "event_count": 1.5, "last_updated": "x", "recent_event_types": []}}',
  '{"success": true, "context": {"agent_id": "a", "event_count": 1, "last_updated": "x", "recent_event_types": [1]}}',
])('a context that is none: %s', async (body) => {
  const url = await tcpServer((socket) => socket.once('data', () => socket.end(httpAnswer(200, body))));
  const it = client({ url, thread: 'main' });
  expect(await it.readContext('a')).toBeNull();
  expect(it.stats().reads.failed).toBe(1);
});

test('a context with fields of a later minor version is a context', async () => {
  const context = {
    agent_id: 'a',
    event_count: 1,
    last_updated: 'x',
    recent_event_types: ['x'],
    later: { more: 1 },
  };
  const body = JSON.stringify({ success: true, context, later: 1 });
  const url = await tcpServer((socket) => socket.once('data', () => socket.end(httpAnswer(200, body))));
  expect(await client({ url, thread: 'main' }).readContext('a')).toEqual(context);
});

test('a path in the URL is kept, for a gateway', async () => {
  const lines: string[] = [];
  const url = await tcpServer((socket) =>
    socket.once('data', (data) => {
      lines.push(String(data).split('\r\n')[0] ?? '');
      socket.end(httpAnswer(200, GOOD));
    }),
  );
  const it = client({ url: `${url}/memory/`, thread: 'main' });
  it.writeEvent({ event_type: 'x' });
  await it.flush();
  await it.readContext('a');
  expect(lines).toEqual([
    'POST /memory/core/write-event HTTP/1.1',
    'GET /memory/core/read-context?agent_id=a&requester_id=bhiv_core HTTP/1.1',
  ]);
});

test('sockets never number more than maxConcurrency, and are used again', async () => {
  let open = 0;
  let most = 0;
  let opened = 0;
  const url = await tcpServer((socket) => {
    opened += 1;
    most = Math.max(most, ++open);
    socket.on('close', () => {
      open -= 1;
    });
    socket.on('data', () => setTimeout(() => socket.write(httpAnswer(200, GOOD)), 5));
  });
  const it = client({ url, maxConcurrency: 3 });
  for (let i = 0; i < 60; i++) it.writeEvent({ event_type: 'x', i });
  expect(await it.flush()).toBe(true);
  expect(it.stats().delivered).toBe(60);
  expect(most).toBe(3);
  expect(opened).toBe(3);
  await it.close();
  await until(() => open === 0);
});

test('reads beyond 256 at once are null at once', async () => {
  const url = await tcpServer(() => undefined);
  const it = client({ url, thread: 'main', deadlineMs: 1500 });
  const waiting = Array.from({ length: 256 }, () => it.readContext('a'));
  const start = performance.now();
  expect(await it.readContext('a')).toBeNull();
  expect(performance.now() - start).toBeLessThan(1000);
  expect(it.stats().reads.pending).toBe(256);
  expect(await Promise.all(waiting)).toEqual(Array(256).fill(null));
});

test('a Bucket that answers 400, 403 or 413 is up: the breaker stays closed', async () => {
  const server = await bucket();
  const it = client({ url: server.url, thread: 'main' });
  for (const status of [400, 403, 413]) {
    server.fail({ status });
    for (let i = 0; i < 6; i++) it.writeEvent({ event_type: 'x' });
    await it.flush();
  }
  expect(it.stats()).toMatchObject({ breaker: 'closed', failed: { http_4xx: 18, total: 18 } });
});
