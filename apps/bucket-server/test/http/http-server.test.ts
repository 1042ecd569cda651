import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createHttpServer } from '../../src/http/http-server.ts';
import { RawConnection } from '../helpers/http.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A server that answers after `ms`. */
function answeringAfter(ms: number) {
  return createHttpServer(
    (_request, response) => void delay(ms, undefined, { ref: false }).then(() => response.end('answered')),
  );
}

describe('the HTTP server', () => {
  test('a port that is in use rejects', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(answeringAfter(0).listen(port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
  });

  test('headers that do not come in time: 408', async () => {
    const server = createHttpServer(() => undefined, { headersDeadlineMs: 100 });
    const { port } = await server.listen(0, '127.0.0.1');
    const text = await new RawConnection(port).write('GET / HTTP/1.1\r\nHost: loc').closed();
    expect(text).toMatch(
      /^HTTP\/1\.1 408 Request Timeout\r\n.*"code":"request_timeout".*not complete after 100 ms/s,
    );
    await server.drain(1000);
  });

  test('connections are kept for the next request', async () => {
    const server = answeringAfter(0);
    const { port } = await server.listen(0, '127.0.0.1');
    const connection = new RawConnection(port).write(REQUEST);
    await connection.until('answered');
    connection.write(REQUEST);
    const text = await connection.until('answered');
    expect(text).toMatch(/Connection: keep-alive\r\nKeep-Alive: timeout=65/);
    await server.drain(1000);
  });

  test('draining answers what is in flight, and closes what is idle or silent', async () => {
    const server = answeringAfter(300);
    const { port } = await server.listen(0, '127.0.0.1');
    const silent = new RawConnection(port);
    const idle = new RawConnection(port).write(REQUEST);
    await idle.until('answered');
    const busy = new RawConnection(port).write(REQUEST);
    await delay(100);
    const started = performance.now();
    await server.drain(20_000);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(await busy.closed()).toMatch(/Connection: close\r\n.*answered/s);
    expect(await idle.closed()).toMatch(/keep-alive/);
    expect(await silent.closed()).toBe('');
  });

  test('draining lets a connection make the request that it has begun, and says that it is the last', async () => {
    const server = answeringAfter(0);
    const { port } = await server.listen(0, '127.0.0.1');
    const connection = new RawConnection(port).write(REQUEST.slice(0, 20));
    await delay(100);
    const drained = server.drain(10_000);
    await delay(100);
    connection.write(REQUEST.slice(20));
    expect(await connection.closed()).toMatch(/Connection: close\r\n.*answered/s);
    await drained;
  });

  test('draining cuts off what takes too long', async () => {
    const server = answeringAfter(60_000);
    const { port } = await server.listen(0, '127.0.0.1');
    const connection = new RawConnection(port).write(REQUEST);
    await delay(100);
    await server.drain(200);
    expect(await connection.closed()).toBe('');
  });
});
