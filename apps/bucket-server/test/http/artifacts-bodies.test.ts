import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { digestOf, download, EMPTY, storedFiles, upload, uploadHeaders } from '../helpers/artifacts.ts';
import { RawConnection, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

afterEach(() => app.stop());

/** The head of an upload of `bytes` to /v1/b/a, with more headers, or others. */
function head(bytes: string | Buffer, more: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(uploadHeaders(bytes, more)).map(([name, value]) => `${name}: ${value}`);
  return ['PUT /v1/b/a HTTP/1.1', 'Host: localhost', ...lines, '', ''].join('\r\n');
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(10);
}

/** The temporary files that are there just now. */
async function temps(): Promise<string[]> {
  return (await storedFiles(app.folder)).filter((file) => file.startsWith('tmp/'));
}

async function inFlight(): Promise<number> {
  const { text } = await send(app.port, '/metrics');
  return Number(/^bucket_artifact_uploads_in_flight (\d+)$/m.exec(text)?.[1]);
}

describe('Expect: 100-continue', () => {
  test('is answered when everything else was found right; then the bytes are taken', async () => {
    app = await startApp();
    const connection = new RawConnection(app.port);
    const length = { 'Content-Length': '5', Connection: 'close' };
    connection.write(head('hello', { Expect: '100-continue', ...length }));
    expect(await connection.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(await connection.write('hello').closed()).toMatch(/HTTP\/1\.1 201 .*"size_bytes":5/s);
  });

  test.each([
    ['a version that is stored', {}, 409, 'version_exists'],
    [
      'a size over the limit',
      { 'X-Artifact-Version': 'v2', 'Content-Length': '1001' },
      413,
      'artifact_too_large',
    ],
    ['a header that breaks its rule', { 'X-Artifact-Digest': 'md5:0' }, 400, 'invalid_header'],
    ['a name that breaks a rule', { 'X-Artifact-Version': '..' }, 400, 'invalid_name'],
    ['an encoding', { 'X-Artifact-Version': 'v2', 'Content-Encoding': 'gzip' }, 415, 'unsupported_encoding'],
  ])('%s is told before a byte of the body is asked for', async (_name, more, status, code) => {
    app = await startApp({ maxArtifactBytes: 1000 });
    await upload(app.port, 'hello');
    const connection = new RawConnection(app.port);
    connection.write(head('hello', { 'Content-Length': '5', Expect: '100-continue', ...more }));
    const text = await connection.until('"details"');
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} .*"code":"${code}"`, 's'));
    expect(text).not.toContain('100 Continue');
    connection.socket.destroy();
  });

  test('no room on the disk is told before a byte of the body is asked for', async () => {
    app = await startApp({ limits: { diskReserveBytes: Number.MAX_SAFE_INTEGER - 10 } });
    const connection = new RawConnection(app.port);
    connection.write(head('hello', { 'Content-Length': '5', Expect: '100-continue' }));
    expect(await connection.until('"details"')).toMatch(/^HTTP\/1\.1 507 .*"code":"disk_full"/s);
    connection.socket.destroy();
  });
});

describe('a body that does not come whole', () => {
  test.each([
    ['less than Content-Length', { 'Content-Length': '100' }, 'hello'],
    ['chunks without a last one', { 'Transfer-Encoding': 'chunked' }, '5\r\nhello\r\n'],
  ])(
    '%s, then the end of the connection: 400 incomplete_body, and nothing stays',
    async (_name, more, body) => {
      app = await startApp();
      const connection = new RawConnection(app.port).write(head('hello', more)).write(body);
      await delay(50);
      connection.socket.end();
      expect(await connection.closed()).toMatch(/^HTTP\/1\.1 400 .*"code":"incomplete_body"/s);
      await until(async () => (await inFlight()) === 0);
      expect(await storedFiles(app.folder)).toEqual([]);
      const { text } = await send(app.port, '/metrics');
      expect(text).toContain('bucket_artifact_uploads_total{outcome="incomplete_body"} 1');
    },
  );

  test('a client that goes away: its temporary file goes too', async () => {
    app = await startApp();
    const connection = new RawConnection(app.port).write(head('x', { 'Content-Length': '10000000' }));
    connection.write(Buffer.alloc(4_000_000));
    await until(async () => (await temps()).length === 1);
    connection.socket.resetAndDestroy();
    await until(async () => (await storedFiles(app.folder)).length === 0);
    // Whether it left with a word (FIN) or without (RST) is up to its operating system.
    await until(() => app.logLines.some((line) => /went away|request refused/.test(String(line.msg))));
    expect(app.logLines[0]).toMatchObject({ bucket_id: 'b', artifact_id: 'a', version: 'v1' });
    expect((await download(app.port)).status).toBe(404);
  });

  test('a client that goes silent: 408, and nothing stays', async () => {
    app = await startApp({ limits: { uploadStalledMs: 300, discardMs: 100 } });
    const connection = new RawConnection(app.port).write(head('x', { 'Content-Length': '1000000' }));
    connection.write(Buffer.alloc(200_000));
    const text = await connection.closed();
    expect(text).toMatch(/^HTTP\/1\.1 408 .*Connection: close.*"code":"request_timeout"/s);
    expect(text).toContain('Nothing came for 300 ms (200000 bytes had come): send it again, faster.');
    expect(text).toContain(
      '"details":{"received_bytes":200000,"stalled_ms":300,"least_bytes_per_second":1024}',
    );
    expect(await storedFiles(app.folder)).toEqual([]);
  });

  test('a client that trickles, under the least rate: 408', async () => {
    app = await startApp({ limits: { uploadRateWindowMs: 400, uploadLeastRate: 1000, discardMs: 100 } });
    const connection = new RawConnection(app.port).write(head('x', { 'Content-Length': '1000000' }));
    const trickle = setInterval(() => connection.write('x'), 20);
    const text = await connection.closed();
    clearInterval(trickle);
    expect(text).toMatch(/^HTTP\/1\.1 408 .*Fewer than 1000 bytes a second came over 400 ms/s);
    expect(await storedFiles(app.folder)).toEqual([]);
  });

  test('a client that is slow but not too slow is waited for', async () => {
    app = await startApp({ limits: { uploadRateWindowMs: 200, uploadLeastRate: 10 } });
    const connection = new RawConnection(app.port);
    const bytes = 'x'.repeat(50);
    connection.write(head(bytes, { 'Content-Length': '50', Connection: 'close' }));
    for (let sent = 0; sent < 50; sent += 1) {
      connection.write('x');
      await delay(20);
    }
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 201 /);
  });

  test('100 slow clients do not keep a quick one waiting', async () => {
    app = await startApp();
    const slow = Array.from({ length: 100 }, (_, index) => {
      const version = { 'X-Artifact-Version': `slow-${index}`, 'Content-Length': '100000' };
      return new RawConnection(app.port).write(head('x', version));
    });
    const trickle = setInterval(() => {
      for (const connection of slow) connection.write('x');
    }, 1000);
    await until(async () => (await inFlight()) === 100);
    const bytes = Buffer.alloc(20_000_000, 'y');
    const started = performance.now();
    expect((await upload(app.port, bytes)).status).toBe(201);
    expect((await download(app.port)).bytes.equals(bytes)).toBe(true);
    expect(performance.now() - started).toBeLessThan(15_000);
    clearInterval(trickle);
    for (const { socket } of slow) socket.destroy();
    await until(async () => (await inFlight()) === 0);
    expect(await temps()).toEqual([]);
  });
});

test('an answer that came early reaches a client that goes on sending', async () => {
  app = await startApp();
  const bytes = Buffer.alloc(20_000_000);
  const { status, headers } = await upload(app.port, bytes, { 'X-Artifact-Digest': 'md5:0' });
  expect([status, headers.connection]).toEqual([400, 'close']);
});

test('one connection carries many uploads', async () => {
  app = await startApp();
  const connection = new RawConnection(app.port);
  for (let number = 0; number < 20; number += 1) {
    const last = number === 19 ? { Connection: 'close' } : {};
    const body = 'x'.repeat(number * 1000);
    const more = { 'X-Artifact-Version': `v${number}`, 'Content-Length': String(body.length), ...last };
    connection.write(head(body, more) + body);
  }
  const text = await connection.closed();
  expect(text.match(/HTTP\/1\.1 201 /g)).toHaveLength(20);
  expect((await sendJson(app.port, '/v1/b/a/versions')).body.versions).toHaveLength(20);
});

describe('draining', () => {
  test('an upload in flight may finish; what is not over in time is cut off, and nothing of it stays', async () => {
    app = await startApp();
    const bytes = Buffer.alloc(1_000_000, 'x');
    const more = { 'Content-Length': String(bytes.length) };
    const quick = new RawConnection(app.port).write(head(bytes, more)).write(bytes.subarray(10));
    const slow = new RawConnection(app.port).write(head(bytes, { ...more, 'X-Artifact-Version': 'v2' }));
    await until(async () => (await inFlight()) === 2);
    const drained = app.server.drain(1500);
    await delay(100);
    quick.write(bytes.subarray(0, 10));
    expect(await quick.closed()).toMatch(/^HTTP\/1\.1 201 .*Connection: close/s);
    expect(await slow.closed()).toBe('');
    await drained;
    await until(async () => (await storedFiles(app.folder)).length === 2);
    expect((await storedFiles(app.folder)).map((file) => file.split('/')[0])).toEqual(['blobs', 'refs']);
    expect(digestOf(bytes)).not.toBe(EMPTY);
  });
});
