import { createHash, randomBytes } from 'node:crypto';
import { check, checkArtifactMetadata, checkErrorBody } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, download, EMPTY, storedFiles, upload, uploadHeaders } from '../helpers/artifacts.ts';
import { RawConnection, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

const LIMIT = 3 * 1024 * 1024;

let app: RunningApp;
let number = 0;

beforeAll(async () => {
  app = await startApp({ maxArtifactBytes: LIMIT });
});
afterAll(() => app.stop());

/** A path that nothing is stored at yet. */
function newPath(): string {
  number += 1;
  return `/v1/b/artifact-${number}`;
}

/** What a header value looks like on its way: UTF-8 octets, each as a Latin-1 character. */
function octets(text: string): string {
  return Buffer.from(text).toString('latin1');
}

describe('PUT /v1/{bucket_id}/{artifact_id} (CONTRACT B1)', () => {
  test.each([
    ['no bytes', 0],
    ['one byte', 1],
    ['a little', 5000],
    ['several pieces', 1_000_003],
    ['exactly the limit', LIMIT],
  ])('%s: 201 and the metadata, and the same bytes come back', async (_name, size) => {
    const bytes = randomBytes(size);
    const path = newPath();
    const before = Date.now();
    const { status, headers, body } = await upload(app.port, bytes, {}, path);
    expect([status, headers['content-type']]).toEqual([201, 'application/json; charset=utf-8']);
    expect(checkArtifactMetadata(body)).toEqual([]);
    const { created_at, ...rest } = body;
    expect(rest).toEqual({
      bucket_id: 'b',
      artifact_id: path.slice('/v1/b/'.length),
      version: 'v1',
      digest: digestOf(bytes),
      size_bytes: size,
      uploaded_by: 'training-cluster-5',
      provenance_source: 'run-47',
    });
    expect(Date.parse(created_at)).toBeGreaterThanOrEqual(before);
    expect(created_at).toMatch(/Z$/);
    const got = await download(app.port, {}, `${path}?version=v1`);
    expect(got.status).toBe(200);
    expect(got.bytes.equals(bytes)).toBe(true);
  });

  test('what the client says is stored as sent: times, UTF-8; only the digest is lowered', async () => {
    const path = newPath();
    const digest = digestOf('x').toUpperCase().replace('SHA256', 'sha256');
    const reply = await upload(
      app.port,
      'x',
      {
        'X-Artifact-Digest': digest,
        'X-Uploaded-By': octets('प्रशिक्षण 😀'),
        'X-Provenance-Source': octets('“run” 47'),
        'X-Created-At': '2026-01-29T16:00:00+05:30',
      },
      path,
    );
    expect([reply.status, reply.body]).toEqual([
      201,
      expect.objectContaining({
        digest: digestOf('x'),
        uploaded_by: 'प्रशिक्षण 😀',
        provenance_source: '“run” 47',
        created_at: '2026-01-29T16:00:00+05:30',
      }),
    ]);
    const stored = await sendJson(app.port, `${path}?version=v1&metadata_only=true`);
    expect(stored.body).toEqual(reply.body);
  });

  test('a body that is chunked', async () => {
    const path = newPath();
    const connection = new RawConnection(app.port);
    const head = Object.entries(uploadHeaders('hello world')).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.write(`PUT ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`);
    connection.write(`${head.join('')}Transfer-Encoding: chunked\r\n\r\n`);
    connection.write('5\r\nhello\r\n').write('6\r\n world\r\n').write('0\r\n\r\n');
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 201 .*"size_bytes":11,/s);
  });

  test('a request without a body is an upload of no bytes', async () => {
    const path = newPath();
    const { status, text } = await send(app.port, path, { method: 'PUT', headers: uploadHeaders('') });
    expect([status, JSON.parse(text)]).toEqual([
      201,
      expect.objectContaining({ digest: EMPTY, size_bytes: 0 }),
    ]);
  });
});

describe('headers of an upload', () => {
  const REQUIRED = ['X-Artifact-Version', 'X-Artifact-Digest', 'X-Uploaded-By', 'X-Provenance-Source'];

  test.each(REQUIRED)('%s is missing: 400', async (name) => {
    const { [name]: _left, ...headers } = uploadHeaders('x');
    const { status, body } = await sendJson(app.port, newPath(), { method: 'PUT', headers, body: 'x' });
    expect([status, body.error.code]).toEqual([400, 'missing_header']);
    expect(body.error.message).toMatch(
      new RegExp(`^${name.toLowerCase()} is missing: add it, for example ".+"`),
    );
    expect(body.error.details).toMatchObject({ field: name.toLowerCase(), value: 'missing' });
    expect(checkErrorBody(body)).toEqual([]);
  });

  test('all that is wrong is told at once, what is missing first', async () => {
    const headers = { 'X-Artifact-Version': 'a/b', 'X-Artifact-Digest': 'md5:0', 'X-Uploaded-By': 'me' };
    const { status, body } = await sendJson(app.port, newPath(), { method: 'PUT', headers, body: 'x' });
    expect([status, body.error.code]).toEqual([400, 'missing_header']);
    expect(body.error.details.problems.map((problem: { field: string }) => problem.field)).toEqual([
      'x-provenance-source',
      'x-artifact-version',
      'x-artifact-digest',
    ]);
  });

  test.each([
    ['X-Artifact-Digest', 'md5:d41d8cd98f00b204e9800998ecf8427e', 'invalid_header'],
    ['X-Artifact-Digest', `sha256:${'a'.repeat(63)}`, 'invalid_header'],
    ['X-Artifact-Digest', `sha256:${'a'.repeat(65)}`, 'invalid_header'],
    ['X-Artifact-Digest', `SHA256:${'a'.repeat(64)}`, 'invalid_header'],
    ['X-Artifact-Digest', `sha256:${'g'.repeat(64)}`, 'invalid_header'],
    ['X-Uploaded-By', '', 'invalid_header'],
    ['X-Uploaded-By', 'x'.repeat(501), 'invalid_header'],
    ['X-Provenance-Source', octets('😀'.repeat(501)), 'invalid_header'],
    ['X-Provenance-Source', 'tab\tinside', 'invalid_header'],
    ['X-Uploaded-By', octets('next line \u0085'), 'invalid_header'],
    ['X-Created-At', 'yesterday', 'invalid_header'],
    ['X-Created-At', '2026-01-29 10:30:00Z', 'invalid_header'],
    ['X-Artifact-Version', '', 'invalid_name'],
    ['X-Artifact-Version', 'v1/../..', 'invalid_name'],
    ['X-Artifact-Version', octets('vé'), 'invalid_name'],
  ])('%s: %j is 400 %s, with the value and what to do', async (name, value, code) => {
    const { status, body } = await upload(app.port, 'x', { [name]: value }, newPath());
    expect([status, body.error.code]).toEqual([400, code]);
    expect(body.error.message).toMatch(new RegExp(`^${name.toLowerCase()} is ".* but must .*: send`, 's'));
    expect(body.error.details.field).toBe(name.toLowerCase());
    expect(checkErrorBody(body)).toEqual([]);
  });

  test.each([
    ['X-Uploaded-By', 'x'],
    ['X-Uploaded-By', octets('😀'.repeat(500))],
    ['X-Provenance-Source', octets('é'.repeat(500))],
    ['X-Created-At', '2026-01-29T10:30:00'],
    ['X-Created-At', '2026-01-29T10:30:00.123456789+0530'],
  ])('%s at the edge of its rule is taken', async (name, value) => {
    expect((await upload(app.port, 'x', { [name]: value }, newPath())).status).toBe(201);
  });

  test.each([...REQUIRED, 'X-Created-At'])('%s twice: 400, although both are the same', async (name) => {
    const value = uploadHeaders('x', { 'X-Created-At': '2026-01-29T10:30:00Z' })[name] ?? '';
    const head = Object.entries({ ...uploadHeaders('x'), [name]: value });
    const lines = [...head, [name.toLowerCase(), value]].map(([key, text]) => `${key}: ${text}\r\n`).join('');
    const connection = new RawConnection(app.port);
    connection.write(
      `PUT ${newPath()} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines}Content-Length: 1\r\n\r\nx`,
    );
    const text = await connection.closed();
    expect(text).toMatch(/^HTTP\/1\.1 400 .*"code":"invalid_header".*is given 2 times: send it once/s);
  });

  test.each(['X-Artifact-Version', 'X-Uploaded-By', 'X-Provenance-Source'])(
    '%s that is not UTF-8: 400',
    async (name) => {
      for (const value of ['caf\xe9', '\xc0\xae\xc0\xae', '\xed\xa0\x80', '\xff']) {
        const { status, body } = await upload(app.port, 'x', { [name]: value }, newPath());
        expect([status, body.error.code]).toEqual([400, 'invalid_header']);
        expect(body.error.message).toContain('is not UTF-8: send UTF-8.');
      }
    },
  );

  test.each([
    ['Content-Encoding', 'gzip', 415, 'unsupported_encoding'],
    ['Content-Encoding', 'br, identity', 415, 'unsupported_encoding'],
    ['Content-Range', 'bytes 0-0/10', 400, 'invalid_header'],
  ])('%s: %s is refused: %d', async (name, value, status, code) => {
    const reply = await upload(app.port, 'x', { [name]: value }, newPath());
    expect([reply.status, reply.body.error.code]).toEqual([status, code]);
    expect(reply.body.error.details).toEqual({ field: name, value: JSON.stringify(value) });
    expect((await upload(app.port, 'x', { 'Content-Encoding': 'Identity' }, newPath())).status).toBe(201);
  });
});

describe('what an upload is refused for', () => {
  test('bytes that do not have the digest: 400 with both; nothing is stored', async () => {
    const path = newPath();
    const before = await storedFiles(app.folder);
    for (const size of [1, 100_000, 1_000_000]) {
      const { status, body } = await upload(
        app.port,
        Buffer.alloc(size, 'y'),
        { 'X-Artifact-Digest': EMPTY },
        path,
      );
      const found = digestOf(Buffer.alloc(size, 'y'));
      expect([status, body.error.code, body.error.details]).toEqual([
        400,
        'digest_mismatch',
        { expected: EMPTY, found },
      ]);
      expect(body.error.message).toBe(
        `The body has digest ${found}, not ${EMPTY}: send the digest of the exact bytes.`,
      );
      expect(check('digest-mismatch-error', body)).toEqual([]);
    }
    expect((await download(app.port, {}, `${path}?version=v1`)).status).toBe(404);
    expect(await storedFiles(app.folder)).toEqual(before);
  });

  test('a version that is stored: 409, with its digest and whether it is the same; nothing is overwritten', async () => {
    const path = newPath();
    await upload(app.port, 'first', {}, path);
    const same = await upload(app.port, 'first', { 'X-Uploaded-By': 'somebody-else' }, path);
    expect([same.status, same.body.error.code, same.body.error.details]).toEqual([
      409,
      'version_exists',
      { digest: digestOf('first'), identical: true },
    ]);
    expect(same.body.error.message).toContain(
      'is stored already, with the same digest: there is nothing to do.',
    );
    const other = await upload(app.port, 'second', {}, path);
    expect([other.status, other.body.error.details]).toEqual([
      409,
      { digest: digestOf('first'), identical: false },
    ]);
    expect(other.body.error.message).toMatch(
      /^Version "v1" of b\/.*: what is stored never changes, so choose/,
    );
    for (const { body } of [same, other]) expect(check('version-exists-error', body)).toEqual([]);
    const { bytes, headers } = await download(app.port, {}, `${path}?version=v1`);
    expect([bytes.toString(), headers['x-uploaded-by']]).toEqual(['first', 'training-cluster-5']);
  });

  test('the digest sent in upper case is the same', async () => {
    const path = newPath();
    await upload(app.port, 'first', {}, path);
    const digest = digestOf('first').toUpperCase().replace('SHA256', 'sha256');
    const { body } = await upload(app.port, 'first', { 'X-Artifact-Digest': digest }, path);
    expect(body.error.details.identical).toBe(true);
  });

  test('over the limit by Content-Length: 413 before a byte of it is read', async () => {
    const path = newPath();
    const bytes = Buffer.alloc(LIMIT + 1);
    const { status, headers, body } = await upload(app.port, bytes, {}, path);
    expect([status, body.error.code, body.error.details]).toEqual([
      413,
      'artifact_too_large',
      { limit_bytes: LIMIT },
    ]);
    expect(headers.connection).toBe('close');
    expect(body.error.message).toMatch(
      /^The body has 3145729 bytes and at most 3145728 are taken: split the artifact/,
    );
    expect(check('artifact-too-large-error', body)).toEqual([]);
  });

  test('over the limit in chunks: 413 as soon as it is, and nothing stays', async () => {
    const before = await storedFiles(app.folder);
    const connection = new RawConnection(app.port);
    const headers = { ...uploadHeaders('x'), 'Transfer-Encoding': 'chunked' };
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    connection.write(`PUT ${newPath()} HTTP/1.1\r\nHost: localhost\r\n${head.join('')}\r\n`);
    const piece = Buffer.alloc(256 * 1024);
    for (let sent = 0; sent <= LIMIT; sent += piece.length) {
      connection
        .write(`${piece.length.toString(16)}\r\n`)
        .write(piece)
        .write('\r\n');
    }
    const text = await connection.until('"limit_bytes"');
    expect(text).toMatch(/^HTTP\/1\.1 413 .*The body has more than 3145728 bytes: split the artifact/s);
    connection.socket.destroy();
    expect(await storedFiles(app.folder)).toEqual(before);
  });

  test('more than the disk has room for: 507 before a byte of it is read', async () => {
    const other = await startApp({ limits: { diskReserveBytes: Number.MAX_SAFE_INTEGER - LIMIT } });
    const { status, body } = await upload(other.port, 'x');
    expect([status, body.error.code]).toEqual([507, 'disk_full']);
    expect(body.error.message).toMatch(
      /^The disk of Bucket has room for 0 bytes and the body has 1: free some/,
    );
    expect(body.error.details).toEqual({ free_bytes: expect.any(Number), size_bytes: 1 });
    expect(checkErrorBody(body)).toEqual([]);
    await other.stop();
  });

  test('the store is closed: 503 shutting_down', async () => {
    const other = await startApp();
    await other.artifacts.close();
    const { status, body } = await upload(other.port, 'x');
    expect([status, body.error.code]).toEqual([503, 'shutting_down']);
    expect(checkErrorBody(body)).toEqual([]);
    await other.stop();
  });
});

test('a known digest never stands in for bytes: the body is read and checked', async () => {
  const bytes = randomBytes(200_000);
  expect((await upload(app.port, bytes, {}, newPath())).status).toBe(201);
  const path = newPath();
  const wrong = await upload(app.port, 'something else', { 'X-Artifact-Digest': digestOf(bytes) }, path);
  expect(wrong.body.error.code).toBe('digest_mismatch');
  expect((await upload(app.port, bytes, {}, path)).status).toBe(201);
  const blobs = (await storedFiles(app.folder)).filter((file) => file.includes(hexOf(bytes)));
  expect(blobs).toHaveLength(1);
});

function hexOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
