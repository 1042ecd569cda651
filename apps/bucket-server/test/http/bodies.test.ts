import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { post, postEvent, RawConnection, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

afterEach(() => app.stop());

const EVENT = '{"requester_id":"bhiv_core","event_data":{"event_type":"x"}}';

function head(...headers: string[]): string {
  return ['POST /core/write-event HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** Waits until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

describe('the size of a body', () => {
  test('exactly the limit is taken, one byte more is not', async () => {
    app = await startApp({ maxEventBytes: EVENT.length });
    expect((await post(app.port, EVENT)).status).toBe(200);
    expect((await post(app.port, `${EVENT} `)).status).toBe(413);
  });

  test('a Content-Length over it is refused before a byte of the body has come', async () => {
    app = await startApp({ maxEventBytes: 1000 });
    const connection = new RawConnection(app.port).write(head('Content-Length: 99999999999'));
    const text = await connection.until('"limit_bytes"');
    expect(text).toMatch(
      /^HTTP\/1\.1 413 .*Connection: close.*The body has 99999999999 bytes and at most 1000 are taken/s,
    );
    connection.socket.destroy();
  });

  test('chunks are counted as they come', async () => {
    app = await startApp({ maxEventBytes: 1000 });
    const connection = new RawConnection(app.port).write(head('Transfer-Encoding: chunked'));
    for (let sent = 0; sent < 5; sent += 1) connection.write(chunk('x'.repeat(300)));
    const text = await connection.write('0\r\n\r\n').closed();
    expect(text).toMatch(/^HTTP\/1\.1 413 .*The body has more than 1000 bytes/s);
  });

  test('a client that goes on sending gets the answer, not a reset', async () => {
    app = await startApp({ maxEventBytes: 1000 });
    const body = Buffer.alloc(20 * 1024 * 1024, 'x');
    const { status, headers } = await post(app.port, body);
    expect([status, headers.connection]).toEqual([413, 'close']);
  });

  test('what is thrown away is bounded in bytes and in time', async () => {
    app = await startApp({ maxEventBytes: 1000, limits: { discardBytes: 100_000, discardMs: 300 } });
    const much = new RawConnection(app.port).write(head('Content-Length: 99999999'));
    await much.until('body_too_large');
    for (let sent = 0; sent < 200 && !much.socket.destroyed; sent += 1) {
      much.write(Buffer.alloc(10_000, 'x'));
      await delay(1);
    }
    await much.closed();
    const long = new RawConnection(app.port).write(head('Content-Length: 99999999'));
    await long.until('body_too_large');
    const started = performance.now();
    await long.closed();
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('many small pieces and few large ones make the same body', async () => {
    app = await startApp();
    const large = `{"requester_id":"bhiv_core","event_data":{"event_type":"x","s":"${'é'.repeat(100_000)}"}}`;
    const bytes = Buffer.from(large);
    for (const size of [1000, 5000, 70_000]) {
      const connection = new RawConnection(app.port).write(
        head(`Content-Length: ${bytes.length}`, 'Connection: close'),
      );
      for (let sent = 0; sent < bytes.length; sent += size) {
        connection.write(bytes.subarray(sent, sent + size));
        if (size < 70_000) await delay(1);
      }
      expect(await connection.closed()).toMatch(/^HTTP\/1\.1 200 /);
    }
    const { body } = await sendJson(app.port, '/core/events');
    expect(body.events.map((event: { s: string }) => event.s.length)).toEqual([100_000, 100_000, 100_000]);
  });
});

describe('a body that is slow or ends early', () => {
  test('is answered 408 at its deadline, also when it trickles', async () => {
    app = await startApp({ limits: { bodyDeadlineMs: 300, discardMs: 100 } });
    const connection = new RawConnection(app.port).write(head('Content-Length: 1000'));
    const trickle = setInterval(() => connection.write('x'), 20);
    const text = await connection.until('"received_bytes"');
    clearInterval(trickle);
    expect(text).toMatch(
      /^HTTP\/1\.1 408 .*Connection: close.*"code":"request_timeout".*not complete after 300 ms/s,
    );
    await connection.closed();
  });

  test('a client that goes away leaves nothing behind but a line at debug', async () => {
    app = await startApp();
    const connection = new RawConnection(app.port).write(`${head('Content-Length: 1000')}{"half`);
    await delay(50);
    connection.socket.destroy();
    await until(() => app.logLines.length > 0);
    expect(app.logLines).toEqual([expect.objectContaining({ level: 20, msg: 'client went away' })]);
    expect((await app.store.recent(1)).count).toBe(0);
  });
});

describe('Expect: 100-continue', () => {
  test('is answered, then the body is read', async () => {
    app = await startApp();
    const connection = new RawConnection(app.port);
    connection.write(head('Expect: 100-continue', `Content-Length: ${EVENT.length}`, 'Connection: close'));
    expect(await connection.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(await connection.write(EVENT).closed()).toMatch(/HTTP\/1\.1 200 OK.*Event received/s);
  });

  test.each([
    ['a body that is too large', ['Content-Length: 5000'], 413],
    ['an encoding', ['Content-Length: 50', 'Content-Encoding: gzip'], 415],
  ])('is not answered before %s is refused', async (_name, headers, status) => {
    app = await startApp({ maxEventBytes: 1000 });
    const connection = new RawConnection(app.port).write(head('Expect: 100-continue', ...headers));
    const text = await connection.until('"details"');
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    connection.socket.destroy();
  });
});

describe('the bytes that all bodies may hold together', () => {
  test('are counted as they come, and given back', async () => {
    app = await startApp({ maxEventBytes: 1000, limits: { bytesInFlight: 1500 } });
    const first = new RawConnection(app.port).write(head('Content-Length: 1000', 'Connection: close'));
    first.write(`${EVENT}${' '.repeat(900 - EVENT.length)}`);
    await delay(100); // 900 of 1500 bytes are held by a body that is not complete
    const second = await post(app.port, `${EVENT}${' '.repeat(700 - EVENT.length)}`);
    const { code, details } = second.body.error;
    expect([second.status, code, details]).toEqual([503, 'overloaded', { limit_bytes: 1500 }]);
    expect((await post(app.port, EVENT)).status).toBe(200);
    expect(await first.write(' '.repeat(100)).closed()).toMatch(/^HTTP\/1\.1 200 /);
    expect((await post(app.port, `${EVENT}${' '.repeat(700 - EVENT.length)}`)).status).toBe(200);
    expect((await app.store.recent(1)).count).toBe(3);
    expect(app.logLines).toContainEqual(
      expect.objectContaining({ level: 40, code: 'overloaded', status: 503 }),
    );
  });

  test('hold the largest body that can be allowed, on an idle Bucket', async () => {
    const { maxEventBytes } = readConfig({ BUCKET_MAX_EVENT_BYTES: '16MiB' }).config;
    app = await startApp({ maxEventBytes });
    expect((await post(app.port, EVENT.padEnd(maxEventBytes))).status).toBe(200);
    const text = `{"event_type":"x","s":"${'x'.repeat(maxEventBytes - 200)}"}`;
    expect((await postEvent(app.port, text)).status).toBe(200);
    expect((await app.store.recent(1)).count).toBe(2);
  });

  test('are never fewer than one event may have', async () => {
    app = await startApp({ maxEventBytes: 1000, limits: { bytesInFlight: 1 } });
    expect((await post(app.port, EVENT)).status).toBe(200);
  });
});
