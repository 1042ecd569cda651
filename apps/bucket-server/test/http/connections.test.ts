import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { upload, uploadHeaders } from '../helpers/artifacts.ts';
import { RawConnection, send } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

const LARGE = Buffer.alloc(8 * 1024 * 1024, 'large');
const HOST = 'Host: localhost\r\n\r\n';
const GET_LARGE = `GET /v1/b/a?version=v1 HTTP/1.1\r\n${HOST}`;

let app: RunningApp;

beforeAll(async () => {
  app = await startApp();
  expect((await upload(app.port, LARGE)).status).toBe(201);
});
afterAll(() => app.stop());

/** The lines of /metrics that tell what is in flight and is not zero. */
async function inFlight(): Promise<string[]> {
  const { text } = await send(app.port, '/metrics');
  return text.split('\n').filter((line) => /^bucket_\w+_in_flight [1-9]/.test(line));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await delay(20)) if (await isSo()) return;
  throw new Error('it did not come to pass within 10 s');
}

const openFiles = () => readdirSync('/proc/self/fd').length;

function put(path: string, bytes: Buffer): Buffer {
  const headers = { ...uploadHeaders(bytes), 'Content-Length': String(bytes.length) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`PUT ${path} HTTP/1.1\r\n${lines.join('')}${HOST}`), bytes]);
}

describe('requests of one connection', () => {
  test('are answered in turn, however many are sent at once', async () => {
    const connection = new RawConnection(app.port);
    connection.write(`GET /livez HTTP/1.1\r\n${HOST}`.repeat(500));
    connection.write(`GET /nothing HTTP/1.1\r\nConnection: close\r\n${HOST}`);
    const statuses = (await connection.closed()).match(/HTTP\/1\.1 \d+/g);
    expect(statuses).toEqual([...Array.from({ length: 500 }, () => 'HTTP/1.1 200'), 'HTTP/1.1 404']);
  });

  test('that are not read are begun one by one', async () => {
    const before = openFiles();
    const connection = new RawConnection(app.port);
    connection.socket.pause();
    connection.write(GET_LARGE.repeat(1000));
    await until(async () => (await inFlight()).includes('bucket_artifact_downloads_in_flight 1'));
    await delay(200);
    expect(await inFlight()).toEqual(['bucket_artifact_downloads_in_flight 1']);
    expect(openFiles() - before).toBeLessThan(20);
    connection.socket.destroy();
    await until(async () => (await inFlight()).length === 0);
  });

  test('leave nothing behind when the client goes away', async () => {
    const listings = [`GET /v1/b/a/versions HTTP/1.1\r\n${HOST}`, `GET /core/events HTTP/1.1\r\n${HOST}`];
    const connection = new RawConnection(app.port);
    connection.socket.pause();
    connection.write(GET_LARGE + listings.join('').repeat(20));
    await until(async () => (await inFlight()).length > 0);
    connection.socket.destroy();
    await until(async () => (await inFlight()).length === 0);
    expect((await send(app.port, '/v1/b/a/versions')).status).toBe(200);
    expect((await send(app.port, '/core/events')).status).toBe(200);
  });

  test('are too many when thousands wait: the connection is broken, and Bucket goes on', async () => {
    const connection = new RawConnection(app.port);
    connection.write(GET_LARGE + 'GET / HTTP/1.1\r\nHost:a\r\n\r\n'.repeat(20_000));
    await connection.closed();
    expect((await send(app.port, '/livez')).status).toBe(200);
  });
});

describe('a client that has sent its last request', () => {
  test.each([0, 1, 1000, 70_000, 3_000_000])(
    'may close its half of the connection: %i bytes are stored and answered',
    async (size) => {
      const connection = new RawConnection(app.port);
      connection.socket.end(put(`/v1/half/a${size}`, Buffer.alloc(size, 'x')));
      expect(await connection.closed()).toMatch(/^HTTP\/1\.1 201 /);
      expect((await send(app.port, `/v1/half/a${size}?version=v1`)).text).toBe('x'.repeat(size));
    },
  );

  test.each(['/livez', '/v1/b/a?version=v1', '/core/events'])('gets the answer to GET %s', async (path) => {
    const connection = new RawConnection(app.port);
    connection.socket.end(`GET ${path} HTTP/1.1\r\n${HOST}`);
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 200 /);
  });
});

test.each([10, 70_000])('bytes behind a whole upload of %i are refused after its answer', async (size) => {
  const connection = new RawConnection(app.port);
  connection.write(
    Buffer.concat([put(`/v1/more/a${size}`, Buffer.alloc(size)), Buffer.from('more\r\n\r\n')]),
  );
  const statuses = (await connection.closed()).match(/HTTP\/1\.1 \d+/g);
  expect(statuses).toEqual(['HTTP/1.1 201', 'HTTP/1.1 400']);
});
