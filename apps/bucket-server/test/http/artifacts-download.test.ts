import { createHash, randomBytes } from 'node:crypto';
import { check, checkArtifactMetadata, checkErrorBody } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, download, EMPTY, upload } from '../helpers/artifacts.ts';
import { RawConnection, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

const BYTES = randomBytes(1_000_003);
const SIZE = BYTES.length;
const TAG = `"${digestOf(BYTES)}"`;
const OTHER_TAG = `"${EMPTY}"`;
const KEPT = 'max-age=31536000, immutable';

let app: RunningApp;

beforeAll(async () => {
  app = await startApp();
  const more = {
    'X-Uploaded-By': Buffer.from('प्रशिक्षण').toString('latin1'),
    'X-Created-At': '2026-01-29T10:30:00Z',
  };
  await upload(app.port, BYTES, more, '/v1/b/model.safetensors');
  await upload(app.port, BYTES, { ...more, 'X-Artifact-Version': 'a b&c=d+e%20' }, '/v1/b/model.safetensors');
  await upload(app.port, '', more, '/v1/b/empty');
});
afterAll(() => app.stop());

const PATH = '/v1/b/model.safetensors?version=v1';

describe('GET and HEAD /v1/{bucket_id}/{artifact_id} (CONTRACT B2)', () => {
  test('the bytes, and everything that is known of them in headers', async () => {
    const { status, headers, bytes } = await download(app.port, {}, PATH);
    expect(status).toBe(200);
    expect(bytes.equals(BYTES)).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(SIZE),
      'content-disposition': 'attachment; filename="model.safetensors"; filename*=UTF-8\'\'model.safetensors',
      'x-content-type-options': 'nosniff',
      'cache-control': KEPT,
      'accept-ranges': 'bytes',
      etag: TAG,
      'repr-digest': `sha-256=:${createHash('sha256').update(BYTES).digest('base64')}:`,
      'x-artifact-version': 'v1',
      'x-artifact-digest': digestOf(BYTES),
      'x-artifact-size': String(SIZE),
      'x-uploaded-by': Buffer.from('प्रशिक्षण').toString('latin1'),
      'x-provenance-source': 'run-47',
      'x-created-at': '2026-01-29T10:30:00Z',
    });
  });

  test('HEAD: the same headers and no bytes, whatever Range says', async () => {
    const { headers: of } = await download(app.port, {}, PATH);
    for (const headers of [{}, { Range: 'bytes=0-9' }]) {
      const head = await send(app.port, PATH, { method: 'HEAD', headers });
      expect([head.status, head.bytes.length]).toEqual([200, 0]);
      const { date: _a, ...withoutDate } = head.headers;
      const { date: _b, ...expected } = of;
      expect(withoutDate).toEqual(expected);
    }
  });

  test('metadata_only=true: the metadata; false: the bytes', async () => {
    const { status, headers, body } = await sendJson(app.port, `${PATH}&metadata_only=true`);
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(checkArtifactMetadata(body)).toEqual([]);
    expect(body).toEqual({
      bucket_id: 'b',
      artifact_id: 'model.safetensors',
      version: 'v1',
      digest: digestOf(BYTES),
      size_bytes: SIZE,
      created_at: '2026-01-29T10:30:00Z',
      uploaded_by: 'प्रशिक्षण',
      provenance_source: 'run-47',
    });
    expect((await download(app.port, {}, `${PATH}&metadata_only=false`)).bytes.length).toBe(SIZE);
    const head = await send(app.port, `${PATH}&metadata_only=true`, { method: 'HEAD' });
    expect([head.status, head.text, head.headers['content-type']]).toEqual([
      200,
      '',
      'application/json; charset=utf-8',
    ]);
  });

  test('an artifact of no bytes', async () => {
    const { status, headers, bytes } = await download(app.port, {}, '/v1/b/empty?version=v1');
    expect([status, headers['content-length'], bytes.length]).toEqual([200, '0', 0]);
    expect((await download(app.port, { Range: 'bytes=0-' }, '/v1/b/empty?version=v1')).status).toBe(416);
    expect((await download(app.port, { Range: 'bytes=-1' }, '/v1/b/empty?version=v1')).status).toBe(200);
  });

  test('a version is looked up exactly, whatever characters it has', async () => {
    const encoded = encodeURIComponent('a b&c=d+e%20');
    expect((await download(app.port, {}, `/v1/b/model.safetensors?version=${encoded}`)).bytes.length).toBe(
      SIZE,
    );
    for (const version of ['V1', 'v', 'v1.', 'v10', 'latest', '*', 'v%31x']) {
      const { status, text } = await download(app.port, {}, `/v1/b/model.safetensors?version=${version}`);
      expect([version, status]).toEqual([version, version === '*' ? 400 : 404]);
      expect(checkErrorBody(JSON.parse(text))).toEqual([]);
    }
  });

  test('what is not stored: 404, with the names and what to do', async () => {
    const { status, headers, body } = await sendJson(app.port, '/v1/b/model.safetensors?version=v2');
    expect([status, body.error.code, headers['cache-control']]).toEqual([
      404,
      'artifact_not_found',
      'no-store',
    ]);
    expect(body.error.message).toBe(
      'There is no version "v2" of b/model.safetensors here: GET /v1/b/model.safetensors/versions lists those that are stored.',
    );
    expect(body.error.details).toEqual({ bucket_id: 'b', artifact_id: 'model.safetensors', version: 'v2' });
    for (const path of ['/v1/b/nothing?version=v1', '/v1/B/model.safetensors?version=v1']) {
      expect((await download(app.port, {}, path)).status).toBe(404);
      expect((await send(app.port, path, { method: 'HEAD' })).status).toBe(404);
    }
  });

  test.each([
    ['', 'missing_parameter', 'version is missing: add it, for example "v3.1.0".'],
    ['?version=', 'invalid_name', 'version is "" but must fit the rule'],
    ['?version=..', 'invalid_name', 'version is ".." but must fit the rule'],
    ['?version=a%2fb', 'invalid_name', 'version is "a/b" but must fit the rule'],
    ['?version=%ff', 'invalid_parameter', 'not percent-encoded UTF-8'],
    ['?version=v1&version=v1', 'invalid_parameter', 'given 2 times: give it once'],
    ['?version=v1&digest=abc', 'invalid_parameter', 'digest is "abc" but must fit the rule'],
    ['?version=v1&digest=', 'invalid_parameter', 'digest is "" but must fit the rule'],
    ['?version=v1&metadata_only=yes', 'invalid_parameter', 'metadata_only is "yes" but must be one of'],
  ])('%j: 400 %s', async (query, code, message) => {
    const { status, body } = await sendJson(app.port, `/v1/b/model.safetensors${query}`);
    expect([status, body.error.code]).toEqual([400, code]);
    expect(body.error.message).toContain(message);
    expect(body.error.details.field).toMatch(/^(version|digest|metadata_only)$/);
    expect(checkErrorBody(body)).toEqual([]);
  });

  test('digest: the stored one in either case, else 412 with both', async () => {
    const upper = digestOf(BYTES).toUpperCase().replace('SHA256', 'sha256');
    for (const digest of [digestOf(BYTES), upper]) {
      expect((await download(app.port, {}, `${PATH}&digest=${digest}`)).status).toBe(200);
    }
    const { status, body } = await sendJson(app.port, `${PATH}&digest=${EMPTY}&metadata_only=true`);
    expect([status, body.error.code, body.error.details]).toEqual([
      412,
      'digest_precondition_failed',
      { expected: EMPTY, found: digestOf(BYTES) },
    ]);
    expect(body.error.message).toBe(
      `"v1" is stored with digest ${digestOf(BYTES)}, not ${EMPTY}: correct the reference.`,
    );
    expect(check('digest-precondition-failed-error', body)).toEqual([]);
  });
});

describe('conditions', () => {
  test.each([
    [TAG, 304],
    [`W/${TAG}`, 304],
    [`${OTHER_TAG}, ${TAG}`, 304],
    [`${OTHER_TAG},W/${TAG}`, 304],
    ['*', 304],
    [OTHER_TAG, 200],
    [digestOf(BYTES), 200],
    ['', 200],
  ])('If-None-Match: %s is %d', async (value, status) => {
    const reply = await download(app.port, { 'If-None-Match': value }, PATH);
    expect(reply.status).toBe(status);
    if (status === 304) {
      expect(reply.bytes.length).toBe(0);
      expect(reply.headers).toMatchObject({ etag: TAG, 'cache-control': KEPT });
      expect(reply.headers).not.toHaveProperty('content-length');
      const head = await send(app.port, PATH, { method: 'HEAD', headers: { 'If-None-Match': value } });
      expect(head.status).toBe(304);
    }
  });

  test('what is not stored is 404 for If-None-Match: * too', async () => {
    expect((await download(app.port, { 'If-None-Match': '*' }, '/v1/b/nothing?version=v1')).status).toBe(404);
  });

  test.each([
    [TAG, 200],
    ['*', 200],
    [`${OTHER_TAG}, ${TAG}`, 200],
    [OTHER_TAG, 412],
    [`W/${TAG}`, 412],
  ])('If-Match: %s is %d', async (value, status) => {
    const reply = await download(app.port, { 'If-Match': value }, PATH);
    expect(reply.status).toBe(status);
    if (status !== 412) return;
    expect(check('digest-precondition-failed-error', JSON.parse(reply.text))).toEqual([]);
    expect(reply.headers['cache-control']).toBe('no-store');
  });

  test('an If-Match that no artifact can have: 400', async () => {
    const { status, text } = await download(app.port, { 'If-Match': '"abc"' }, PATH);
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'invalid_header']);
    expect(text).toContain(`the tag of this one is ${JSON.stringify(TAG).slice(1, -1)}`);
  });
});

describe('ranges', () => {
  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=0-9', 0, 10],
    ['bytes=100-', 100, SIZE],
    ['bytes=0-', 0, SIZE],
    [`bytes=0-${SIZE}`, 0, SIZE],
    ['bytes=999999-99999999999999999999', 999_999, SIZE],
    [`bytes=${SIZE - 1}-`, SIZE - 1, SIZE],
    ['bytes=-1', SIZE - 1, SIZE],
    ['bytes=-300000', SIZE - 300_000, SIZE],
    [`bytes=-${SIZE + 1}`, 0, SIZE],
    ['Bytes=5-5', 5, 6],
    ['bytes= 5-5 ', 5, 6],
  ])('%s: 206', async (range, start, end) => {
    const { status, headers, bytes } = await download(app.port, { Range: range }, PATH);
    expect([status, headers['content-range'], headers['content-length']]).toEqual([
      206,
      `bytes ${start}-${end - 1}/${SIZE}`,
      String(end - start),
    ]);
    expect(bytes.equals(BYTES.subarray(start, end))).toBe(true);
    expect(headers).toMatchObject({
      etag: TAG,
      'x-artifact-digest': digestOf(BYTES),
      'repr-digest': expect.stringMatching(/^sha-256=:/),
      // Bucket does not verify ranges, so caches must not keep them.
      'cache-control': 'no-store',
    });
  });

  test.each([`bytes=${SIZE}-`, `bytes=${SIZE}-${SIZE + 5}`, 'bytes=99999999999999999999-', 'bytes=-0'])(
    '%s: 416',
    async (range) => {
      const { status, headers, text } = await download(app.port, { Range: range }, PATH);
      const { error } = JSON.parse(text);
      expect([status, headers['content-range'], error.code]).toEqual([
        416,
        `bytes */${SIZE}`,
        'range_not_satisfiable',
      ]);
      expect(error.details).toEqual({ field: 'Range', value: JSON.stringify(range), size_bytes: SIZE });
      expect(headers['cache-control']).toBe('no-store');
      expect(checkErrorBody(JSON.parse(text))).toEqual([]);
    },
  );

  test.each([
    'bytes=0-1,5-6',
    'bytes=5-4',
    'bytes=-',
    'bytes=a-b',
    'bytes=0x1-5',
    'bytes',
    'lines=0-1',
    'bytes=1-2-3',
  ])('%s is ignored: 200 and the whole', async (range) => {
    const { status, bytes } = await download(app.port, { Range: range }, PATH);
    expect([status, bytes.length]).toEqual([200, SIZE]);
  });

  test.each([
    [TAG, 206],
    [OTHER_TAG, 200],
    [`W/${TAG}`, 200],
    ['Thu, 29 Jan 2026 10:30:00 GMT', 200],
  ])('If-Range: %s is %d', async (value, status) => {
    const headers = { Range: 'bytes=0-9', 'If-Range': value };
    expect((await download(app.port, headers, PATH)).status).toBe(status);
  });

  test('If-None-Match comes before Range', async () => {
    const headers = { Range: 'bytes=0-9', 'If-None-Match': TAG };
    expect((await download(app.port, headers, PATH)).status).toBe(304);
  });
});

test('without verification, caches keep nothing', async () => {
  const other = await startApp({ verifyOnRead: false });
  await upload(other.port, BYTES);
  const { status, headers, bytes } = await download(other.port);
  expect([status, headers['cache-control'], bytes.equals(BYTES)]).toEqual([200, 'no-store', true]);
  await other.stop();
});

test('answers on one connection come in order, although they were asked for at once', async () => {
  const ask = (range: string, close = '') =>
    `GET ${PATH} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=${range}\r\n${close}\r\n`;
  const connection = new RawConnection(app.port);
  connection.write(ask('0-499999') + ask('500000-500009') + ask('-3', 'Connection: close\r\n'));
  const parts = (await connection.closed()).split(/HTTP\/1\.1 206.*?\r\n\r\n/s).slice(1);
  expect(parts.map((part) => part.length)).toEqual([500_000, 10, 3]);
  expect(parts.join('')).toBe(
    Buffer.concat([BYTES.subarray(0, 500_010), BYTES.subarray(-3)]).toString('latin1'),
  );
});

test('a client that stops reading is cut off; others do not wait', async () => {
  const other = await startApp({ limits: { downloadStalledMs: 2000 } });
  const large = Buffer.alloc(64 * 1024 * 1024, 'x');
  await upload(other.port, large);
  const stalled = Array.from({ length: 100 }, () => {
    const connection = new RawConnection(other.port);
    connection.socket.pause();
    return connection.write('GET /v1/b/a?version=v1 HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const quick = await download(other.port);
  expect(quick.bytes.length).toBe(large.length);
  const isGone = (line: Readonly<Record<string, unknown>>) => line.msg === 'client went away';
  while (other.logLines.filter(isGone).length < stalled.length) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const { socket } of stalled) socket.destroy();
  const { text } = await send(other.port, '/metrics');
  expect(text).toContain('bucket_artifact_downloads_total{outcome="client_gone"} 100');
  expect(text).toContain('bucket_artifact_downloads_in_flight 0');
  await other.stop();
});
