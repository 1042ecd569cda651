import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { closedLoop } from '../src/load/closed-loop.ts';
import { Connection, getRequest, postRequest } from '../src/load/connection.ts';
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

test('a connection that breaks rejects what waits for it', async () => {
  const url = await serve((request) => request.socket.destroy());
  const connection = await Connection.open(url);
  await expect(connection.exchange(getRequest('/'))).rejects.toThrow();
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
