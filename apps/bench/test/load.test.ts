import { createHash } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { piecesOf, sha256Of } from '../src/load/body.ts';
import { closedLoop } from '../src/load/closed-loop.ts';
import { closedUrl } from '../src/load/closed-url.ts';
import { Connection, getRequest, postRequest, requestOf } from '../src/load/connection.ts';
import { OpenLoop } from '../src/load/open-loop.ts';
import { quantile } from '../src/statistics.ts';

let server: Server | undefined;

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return `http://127.0.0.1:${port}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

test('a connection waits for the whole of an answer, with a length or in chunks', async () => {
  const url = await serve(async (request, response) => {
    if (request.url === '/length') response.setHeader('Content-Length', 10);
    response.write('12345');
    await sleep(20);
    response.end('67890');
  });
  const connection = await Connection.open(url);
  for (const path of ['/length', '/chunks', '/length']) {
    const start = performance.now();
    expect(await connection.exchange(getRequest(path))).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(18);
  }
  connection.close();
});

test('a request that is posted arrives as it was made, and the status comes back', async () => {
  const bodies: string[] = [];
  const url = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    bodies.push(`${request.headers['content-type']} ${body}`);
    response.writeHead(403).end();
  });
  const connection = await Connection.open(url);
  expect(await connection.exchange(postRequest('/', '{"é":1}'))).toBe(403);
  expect(bodies).toEqual(['application/json {"é":1}']);
  connection.close();
});

test('an answer may be larger than what is kept of it: its bytes are counted, its head can be read', async () => {
  const bytes = 3_000_000;
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'Content-Length': bytes, 'X-Where': 'here: there' });
    response.end(Buffer.alloc(bytes, '\r\n0\r\n\r\n'));
  });
  const connection = await Connection.open(url, { receiveBytes: 100 });
  const start = performance.now();
  expect(await connection.exchange(getRequest('/'))).toBe(200);
  expect(connection.answer.bodyBytes).toBe(bytes);
  expect(connection.answer.header('x-where')).toBe('here: there');
  expect(connection.answer.header('where')).toBeUndefined();
  expect(connection.answer.bodyBeganAt).toBeGreaterThan(start);
  connection.close();
});

test('a body may be larger than the buffers on its way', async () => {
  const hash = createHash('sha256');
  const url = await serve((request, response) => {
    request.on('data', (chunk) => hash.update(chunk)).on('end', () => response.writeHead(201).end('ok'));
  });
  const body = { seed: 7, bytes: 20_000_001 };
  const connection = await Connection.open(url);
  const head = requestOf('PUT', '/', { 'Content-Length': body.bytes });
  expect(await connection.exchange(head, piecesOf(body))).toBe(201);
  expect(hash.digest('hex')).toBe(sha256Of(body));
  connection.close();
});

test('a connection that nobody takes rejects', async () => {
  await expect(Connection.open(await closedUrl())).rejects.toThrow('ECONNREFUSED');
});

test('a connection that breaks rejects what waits for it', async () => {
  const url = await serve((request) => request.socket.destroy());
  const connection = await Connection.open(url);
  await expect(connection.exchange(getRequest('/'))).rejects.toThrow();
});

test('a connection that was closed while it was idle rejects what is asked of it', async () => {
  const url = await serve((_request, response) => response.end('ok'));
  const connection = await Connection.open(url);
  expect(await connection.exchange(getRequest('/'))).toBe(200);
  server?.closeAllConnections();
  await sleep(50);
  await expect(connection.exchange(getRequest('/'))).rejects.toThrow('closed');
});

test('an open loop uses all of its connections in turn', async () => {
  const used = new Map<number | undefined, number>();
  const url = await serve(({ socket: { remotePort } }, response) => {
    used.set(remotePort, (used.get(remotePort) ?? 0) + 1);
    response.end('ok');
  });
  const loop = await OpenLoop.start({ url, requests: [getRequest('/')], perSecond: 200, connections: 4 });
  await sleep(300);
  await loop.stop();
  expect(used.size).toBe(4);
  const counts = [...used.values()];
  expect(Math.min(...counts)).toBeGreaterThan(Math.max(...counts) / 3);
});

test('an open loop charges a server that stalls with everything that it kept waiting', async () => {
  const stallUntil = performance.now() + 400;
  const url = await serve(async (_request, response) => {
    await sleep(Math.max(0, stallUntil - performance.now()));
    response.end('ok');
  });
  const loop = await OpenLoop.start({ url, requests: [getRequest('/')], perSecond: 200, connections: 1 });
  await sleep(800);
  const { latencies, answered, refused } = await loop.stop();
  expect(refused).toBe(0);
  expect(answered).toBeGreaterThan(100);
  // One request was on its way while the server stalled; some 80 were due and waited behind it.
  const all = Array.from(latencies);
  expect(all.filter((latency) => latency > 100).length).toBeGreaterThan(30);
  expect(quantile(all, 0)).toBeGreaterThan(0);
});

test('a closed loop counts answers a second and does not accept a refusal', async () => {
  let refuse = false;
  const url = await serve((_request, response) => response.writeHead(refuse ? 503 : 200).end());
  const options = { url, requests: [getRequest('/')], connections: 2, warmUpMs: 50, countedMs: 200 };
  expect(await closedLoop(options)).toBeGreaterThan(50);
  refuse = true;
  await expect(closedLoop(options)).rejects.toThrow('answered 503');
});
