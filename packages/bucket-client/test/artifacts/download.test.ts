import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { bucket, cleanUp, client } from '../support.ts';
import { bytesOf, digestOf, errorBody, failureOf, folder, httpServer, json, REF, UPLOAD } from './support.ts';

const BYTES = bytesOf(3_000_001);
const DIGEST = digestOf(BYTES);
const HEADERS = { 'X-Artifact-Digest': DIGEST, ETag: `"${DIGEST}"` };

async function stored(bytes = BYTES) {
  const { url } = await bucket();
  const it = client({ url });
  await it.uploadArtifact(UPLOAD, bytes, { allowEmpty: true });
  return it;
}

describe('a download', () => {
  test.each([[BYTES], [BYTES.subarray(0, 1)], [BYTES.subarray(0, 1 << 20)], [BYTES.subarray(0, 0)]])(
    'of %# is the artifact, in a file of its own',
    async (bytes) => {
      const it = await stored(bytes);
      const target = folder();
      const result = await it.downloadArtifact(REF, join(target, 'model.bin'));
      expect(result).toEqual({ digest: digestOf(bytes), size: bytes.length });
      expect(bytes.equals(readFileSync(join(target, 'model.bin')))).toBe(true);
      expect(readdirSync(target)).toEqual(['model.bin']);
    },
  );

  test('replaces what was there, takes a file: URL, and is held to a digest', async () => {
    const it = await stored();
    const path = join(folder(), 'a b#.bin');
    writeFileSync(path, 'old');
    await it.downloadArtifact(REF, pathToFileURL(path), { digest: DIGEST });
    expect(digestOf(readFileSync(path))).toBe(DIGEST);
  });

  test.each<[string, object, string, RegExp]>([
    ['an unknown version', { version: 'v2' }, 'artifact_not_found', /there is no v2/],
    ['another digest', { digest: digestOf('x') }, 'digest_precondition_failed', /./],
    ['a target that is there', { overwrite: false }, 'target_exists', /overwrite is false/],
  ])('of %s leaves the file that is there', async (_name, changes, code, message) => {
    const it = await stored();
    const target = folder();
    const path = join(target, 'model.bin');
    writeFileSync(path, 'old');
    const { version = REF.version, ...options } = changes as { version?: string };
    const error = await failureOf(it.downloadArtifact({ ...REF, version }, path, options));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(target)).toEqual(['model.bin']);
  });

  test('without overwriting gets its name where it is free, and not where it was taken meanwhile', async () => {
    const it = await stored();
    const target = folder();
    await it.downloadArtifact(REF, join(target, 'one'), { overwrite: false });
    expect(readdirSync(target)).toEqual(['one']);
    const two = join(target, 'two');
    const onProgress = () => writeFileSync(two, 'somebody else');
    expect(await failureOf(it.downloadArtifact(REF, two, { overwrite: false, onProgress }))).toMatchObject({
      code: 'target_exists',
    });
    expect(readFileSync(two, 'utf8')).toBe('somebody else');
    expect(readdirSync(target)).toEqual(['one', 'two']);
  });

  test('to where no file can be is an error before anything is asked for', async () => {
    const server = await bucket();
    const it = client({ url: server.url });
    const target = folder();
    mkdirSync(join(target, 'folder'));
    const asked = server.requests;
    expect(await failureOf(it.downloadArtifact(REF, join(target, 'folder')))).toMatchObject({
      code: 'target_not_a_file',
      message: expect.stringContaining('it is a folder'),
    });
    expect(await failureOf(it.downloadArtifact(REF, join(target, 'nowhere', 'x')))).toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('ENOENT'),
    });
    expect(server.requests).toBe(asked);
  });

  test('whose folder goes away ends as an error', async () => {
    const it = await stored();
    const target = folder();
    const inside = join(target, 'inside');
    mkdirSync(inside);
    const onProgress = () => rmSync(inside, { recursive: true, force: true });
    expect(await failureOf(it.downloadArtifact(REF, join(inside, 'x'), { onProgress }))).toMatchObject({
      code: 'target_failed',
      cause: expect.objectContaining({ code: 'ENOENT' }),
    });
    expect(existsSync(inside)).toBe(false);
  });
});

describe('a target that is there', () => {
  test.each([['600'], ['640'], ['444'], ['777']])('keeps its permissions, %s', async (octal) => {
    const mode = Number.parseInt(octal, 8);
    const it = await stored();
    const target = folder();
    const path = join(target, 'model.bin');
    writeFileSync(path, 'old');
    chmodSync(path, mode);
    const wider: number[] = [];
    const onProgress = () => {
      for (const name of readdirSync(target)) wider.push(statSync(join(target, name)).mode & 0o777 & ~mode);
    };
    await it.downloadArtifact(REF, path, { onProgress });
    expect(statSync(path).mode & 0o777).toBe(mode);
    expect(new Set(wider)).toEqual(new Set([0])); // not even the temporary file is open to more
    expect(digestOf(readFileSync(path))).toBe(DIGEST);
  });

  test('by a symbolic link is replaced where it lies, and the link stays', async () => {
    const it = await stored();
    const target = folder();
    const elsewhere = join(target, 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'real.bin'), 'old');
    symlinkSync(join('elsewhere', 'real.bin'), join(target, 'one'));
    symlinkSync('one', join(target, 'two'));
    const inside: string[] = [];
    const onProgress = () => inside.push(...readdirSync(elsewhere));
    await it.downloadArtifact(REF, join(target, 'two'), { onProgress });
    expect(inside.some((name) => name.startsWith('.bhiv-download-'))).toBe(true);
    expect([readlinkSync(join(target, 'two')), readdirSync(elsewhere)]).toEqual(['one', ['real.bin']]);
    expect(digestOf(readFileSync(join(elsewhere, 'real.bin')))).toBe(DIGEST);
    const taken = failureOf(it.downloadArtifact(REF, join(target, 'two'), { overwrite: false }));
    expect(await taken).toMatchObject({ code: 'target_exists' });
  });

  type Target = [string, RegExp, (path: string) => unknown];
  const TARGETS: Target[] = [
    ['a folder', /it is a folder/, (path) => mkdirSync(path)],
    ['a device, by a link', /it is a device/, (path) => symlinkSync('/dev/null', path)],
    ['a link to nothing', /link that leads to no file \(ENOENT/, (path) => symlinkSync('gone', path)],
    ['a link to itself', /link that leads to no file \(ELOOP/, (path) => symlinkSync(path, path)],
    ['a socket', /it is a socket/, (path) => listenAt(path)],
  ];
  if (spawnSync('mkfifo', ['--version']).status === 0)
    TARGETS.push(['a named pipe', /it is a named pipe/, (path) => spawnSync('mkfifo', [path])]);
  else console.log('skipped: a target that is a named pipe (there is no mkfifo here; Debian: coreutils)');

  test.each(TARGETS)('and is %s is left alone', async (_name, message, make) => {
    const server = await bucket();
    const target = folder();
    const path = join(target, 'x');
    await make(path);
    const before = lstatSync(path);
    expect(await failureOf(client({ url: server.url }).downloadArtifact(REF, path))).toMatchObject({
      code: 'target_not_a_file',
      message: expect.stringMatching(message),
    });
    const { ino, mode } = lstatSync(path);
    expect([ino, mode, readdirSync(target)]).toEqual([before.ino, before.mode, ['x']]);
    expect(server.requests).toBe(0);
  });

  async function listenAt(path: string): Promise<void> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    cleanUp(() => server.close());
  }
});

describe('what comes is held to its digest and length', () => {
  const send =
    (bytes: Uint8Array, headers: object) => (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'Content-Length': bytes.length, ...headers });
      response.end(bytes);
    };
  const wrong = Buffer.from(BYTES);
  wrong[1_000_000] = 1;

  test.each<[string, (request: IncomingMessage, response: ServerResponse) => void, object, string, RegExp]>([
    [
      'one wrong byte',
      send(wrong, HEADERS),
      {},
      'digest_mismatch',
      /have the digest .* not .* thrown away.*fsck/,
    ],
    [
      'bytes that are not the ones asked for',
      send(BYTES, {}),
      { digest: digestOf('x') },
      'digest_mismatch',
      /./,
    ],
    [
      'another digest than asked for',
      send(BYTES, HEADERS),
      { digest: digestOf('x') },
      'digest_precondition_failed',
      /correct/,
    ],
    ['no digest', send(BYTES, {}), {}, 'bad_response', /names no digest: give the one that you want/],
    ['an odd digest', send(BYTES, { 'X-Artifact-Digest': 'md5:1' }), {}, 'bad_response', /names no digest/],
    [
      'a coding',
      send(BYTES, { ...HEADERS, 'Content-Encoding': 'gzip' }),
      {},
      'bad_response',
      /encoded as "gzip"/,
    ],
    [
      'no length',
      (_request, response) => {
        response.writeHead(200, HEADERS);
        response.end(BYTES);
      },
      {},
      'bad_response',
      /Content-Length undefined/,
    ],
    [
      'a range nobody asked for',
      (_request, response) => {
        response.writeHead(206, { ...HEADERS, 'Content-Range': 'bytes 0-4/5', 'Content-Length': 5 });
        response.end('12345');
      },
      {},
      'bad_response',
      /not asked for/,
    ],
    [
      'a 204',
      (_request, response) => response.writeHead(204).end(),
      {},
      'bad_response',
      /is a 204, not a 200/,
    ],
    [
      'damage that Bucket knows of',
      (_request, response) => json(response, 500, errorBody('artifact_corrupt')),
      {},
      'artifact_corrupt',
      /it is artifact_corrupt/,
    ],
  ])('%s', async (_name, listener, options, code, message) => {
    const { url } = await httpServer(listener);
    const it = client({ url });
    const target = folder();
    const path = join(target, 'model.bin');
    writeFileSync(path, 'old');
    const error = await failureOf(it.downloadArtifact(REF, path, options));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await failureOf(it.readArtifact(REF, options))).toMatchObject({ code });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(target)).toEqual(['model.bin']);
  });

  test('the digest that the caller names is enough', async () => {
    const { url } = await httpServer(send(BYTES, {}));
    const path = join(folder(), 'x');
    expect(await client({ url }).downloadArtifact(REF, path, { digest: DIGEST })).toEqual({
      digest: DIGEST,
      size: BYTES.length,
    });
  });
});

describe('a connection that breaks', () => {
  /** Answers each request but the last ones with so many bytes, then breaks off. Ranges as asked for. */
  async function breaking(
    each: number,
    breaks: number,
    options: { ranges?: boolean; tag?: boolean; bytes?: Uint8Array } = {},
  ) {
    const { ranges = true, tag = true, bytes = BYTES } = options;
    const asked: Array<string | undefined> = [];
    const { url } = await httpServer((request, response) => {
      asked.push(request.headers.range);
      expect(request.headers['if-range']).toBe(asked.length > 1 && tag ? `"${DIGEST}"` : undefined);
      const start = ranges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
      const headers = { 'X-Artifact-Digest': DIGEST, ...(tag && { ETag: `"${DIGEST}"` }) };
      const range = { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
      response.writeHead(start > 0 ? 206 : 200, {
        ...headers,
        ...(start > 0 && range),
        'Content-Length': bytes.length - start,
      });
      if (asked.length > breaks) response.end(bytes.subarray(start));
      else
        response.write(bytes.subarray(start, start + each), () => setTimeout(() => response.destroy(), 20));
    });
    return { url, asked };
  }

  test('is taken up where it broke, as often as there is progress', async () => {
    const { url, asked } = await breaking(400_000, 7);
    const path = join(folder(), 'x');
    expect(await client({ url }).downloadArtifact(REF, path)).toEqual({ digest: DIGEST, size: BYTES.length });
    expect(asked).toHaveLength(8);
    expect(new Set(asked).size).toBe(8);
    expect(digestOf(readFileSync(path))).toBe(DIGEST);
  });

  test('also where the server names no entity tag', async () => {
    const { url, asked } = await breaking(400_000, 2, { tag: false });
    expect(BYTES.equals(await client({ url }).readArtifact(REF))).toBe(true);
    expect(asked).toHaveLength(3);
  });

  test('starts anew where the server knows no ranges', async () => {
    const { url, asked } = await breaking(400_000, 2, { ranges: false });
    const path = join(folder(), 'x');
    expect(await client({ url }).downloadArtifact(REF, path)).toMatchObject({ digest: DIGEST });
    expect(asked).toHaveLength(3);
    expect(digestOf(readFileSync(path))).toBe(DIGEST);
  });

  test('is given up after seven attempts that get no further, wherever they break', async () => {
    const breaksAt = async (...lengths: number[]) => {
      const asked: Array<string | undefined> = [];
      const { url } = await httpServer((request, response) => {
        const length = lengths[asked.length % lengths.length];
        asked.push(request.headers.range);
        if (asked.length > 12) return response.writeHead(200, { ...HEADERS, 'Content-Length': 0 }).end();
        if (lengths.length === 1 && asked.length > 1) return response.destroy();
        response.writeHead(200, { ...HEADERS, 'Content-Length': BYTES.length });
        response.write(BYTES.subarray(0, length), () => setTimeout(() => response.destroy(), 50));
      });
      return { url, asked };
    };
    const silent = await breaksAt(1000);
    const withoutRanges = await breaksAt(600_000, 300_000);
    const target = folder();
    const errors = [silent, withoutRanges].map(({ url }, n) =>
      failureOf(client({ url }).downloadArtifact(REF, join(target, `x${n}`))),
    );
    for (const error of await Promise.all(errors)) expect(error).toMatchObject({ code: 'network' });
    expect([silent.asked.length, withoutRanges.asked.length]).toEqual([1 + 7, 1 + 7]);
    expect(readdirSync(target)).toEqual([]);
  });

  test('after the head and before any byte is taken up again', async () => {
    const ranges: Array<string | undefined> = [];
    const { url } = await httpServer((request, response) => {
      ranges.push(request.headers.range);
      const { range } = request.headers;
      const size = range === undefined ? BYTES.length : 10;
      response.writeHead(range === undefined ? 200 : 206, {
        ...HEADERS,
        'Content-Length': size,
        ...(range !== undefined && { 'Content-Range': `bytes 0-9/${BYTES.length}` }),
      });
      if (ranges.length % 2 === 0) return response.end(BYTES.subarray(0, size));
      response.flushHeaders();
      setTimeout(() => response.destroy(), 50);
    });
    const it = client({ url });
    const path = join(folder(), 'x');
    expect(await it.downloadArtifact(REF, path)).toEqual({ digest: DIGEST, size: BYTES.length });
    expect(digestOf(readFileSync(path))).toBe(DIGEST);
    const first = await it.readArtifact(REF, { range: { start: 0, end: 10 } });
    expect(BYTES.subarray(0, 10).equals(first)).toBe(true);
    expect(ranges).toEqual([undefined, undefined, 'bytes=0-9', 'bytes=0-9']);
  });

  test('before an answer began, or with an answer that will stay, is an error at once', async () => {
    let requests = 0;
    const { url } = await httpServer((request, response) => {
      requests += 1;
      if (request.headers.range !== undefined) return json(response, 404, errorBody('artifact_not_found'));
      if (request.url?.includes('v2') === true) return response.destroy();
      response.writeHead(200, { ...HEADERS, 'Content-Length': BYTES.length });
      response.write(BYTES.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
    });
    const it = client({ url });
    expect(await failureOf(it.readArtifact({ ...REF, version: 'v2' }))).toMatchObject({ code: 'network' });
    expect(requests).toBe(1);
    expect(await failureOf(it.readArtifact(REF))).toMatchObject({ code: 'artifact_not_found' });
    expect(requests).toBe(3);
  });

  test('and goes on with damaged bytes is found out: the rest is not verified by Bucket', async () => {
    const wrong = Buffer.from(BYTES);
    wrong[2_999_999] = (wrong[2_999_999] ?? 0) ^ 1;
    const { url } = await breaking(2_000_000, 1, { bytes: wrong });
    const target = folder();
    expect(await failureOf(client({ url }).downloadArtifact(REF, join(target, 'x')))).toMatchObject({
      code: 'digest_mismatch',
      expected: DIGEST,
    });
    expect(readdirSync(target)).toEqual([]);
  });
});

describe('reading into memory', () => {
  test('of ranges gives just those bytes', async () => {
    const it = await stored();
    for (const [start, end] of [
      [0, 1],
      [5, 100],
      [1_000_000, 2_500_000],
      [3_000_000, 3_000_001],
      [0, 3_000_001],
    ] as const) {
      const bytes = await it.readArtifact(REF, { range: { start, end } });
      expect(BYTES.subarray(start, end).equals(bytes)).toBe(true);
    }
    expect((await it.readArtifact(REF, { range: { start: 1, end: 3 }, digest: DIGEST })).length).toBe(2);
  });

  test('of ranges that are not there, or of too much, is an error', async () => {
    const it = await stored();
    const read = (options: object) => failureOf(it.readArtifact(REF, options));
    expect(await read({ range: { start: 3_000_001, end: 3_000_002 } })).toMatchObject({
      code: 'range_not_satisfiable',
      status: 416,
    });
    expect(await read({ range: { start: 5, end: 3_000_002 } })).toMatchObject({
      code: 'range_not_satisfiable',
      expected: 3_000_002,
      found: 3_000_001,
    });
    expect(await read({ maxBytes: 3_000_000 })).toMatchObject({
      code: 'response_too_large',
      expected: 3_000_000,
    });
    expect(await read({ maxBytes: 3, range: { start: 0, end: 4 } })).toMatchObject({
      code: 'response_too_large',
    });
    expect(await read({ digest: digestOf('x'), range: { start: 0, end: 4 } })).toMatchObject({
      code: 'digest_precondition_failed',
    });
  });

  test.each<[string, number, object, RegExp]>([
    ['all of it', 200, { 'Content-Length': 5 }, /takes no notice of Range/],
    [
      'another range',
      206,
      { 'Content-Length': 2, 'Content-Range': 'bytes 2-3/5' },
      /not asked for, "bytes 2-3\/5"/,
    ],
    ['a range of nobody knows what', 206, { 'Content-Length': 2 }, /not asked for, ""/],
    [
      'more than the range',
      206,
      { 'Content-Length': 3, 'Content-Range': 'bytes 1-2/5' },
      /Content-Length "3"/,
    ],
  ])('of a range, answered with %s, is an error', async (_name, status, headers, message) => {
    const { url } = await httpServer((_request, response) => {
      response.writeHead(status, { ...HEADERS, ...headers });
      response.end('x'.repeat(Number((headers as { 'Content-Length': number })['Content-Length'])));
    });
    expect(await failureOf(client({ url }).readArtifact(REF, { range: { start: 1, end: 3 } }))).toMatchObject(
      {
        code: 'bad_response',
        message: expect.stringMatching(message),
      },
    );
  });
});

test('a folder that cannot be written to is an error (not for root)', async () => {
  if (process.getuid?.() === 0) {
    console.log('skipped: root may write everywhere');
    return;
  }
  const it = await stored();
  const target = folder();
  chmodSync(target, 0o500);
  expect(await failureOf(it.downloadArtifact(REF, join(target, 'x')))).toMatchObject({
    code: 'target_failed',
  });
});
