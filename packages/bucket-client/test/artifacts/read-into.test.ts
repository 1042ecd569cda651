import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { bucket, client, sleep, until } from '../support.ts';
import { bytesOf, digestOf, failureOf, httpServer, REF, UPLOAD } from './support.ts';

const BYTES = bytesOf(300_001);
const DIGEST = digestOf(BYTES);
const HEADERS = { 'X-Artifact-Digest': DIGEST, ETag: `"${DIGEST}"` };
/** What stands in the memory before. */
const BEFORE = 0xaa;

async function stored() {
  const { url } = await bucket();
  const it = client({ url });
  await it.uploadArtifact(UPLOAD, BYTES);
  return it;
}

const memory = (length: number) => new Uint8Array(length).fill(BEFORE);
const isUntouched = (bytes: Uint8Array) => bytes.every((byte) => byte === BEFORE);

/** Where a view lies. */
const placeOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => ({ buffer, byteOffset, byteLength });

test.each<[string, object, Buffer]>([
  ['all of it', {}, BYTES],
  ['a range', { range: { start: 7, end: 200_007 } }, BYTES.subarray(7, 200_007)],
])(
  '%s is put into the memory that was given, and nothing around it is touched',
  async (_what, options, expected) => {
    const it = await stored();
    const whole = memory(400_000);
    const into = whole.subarray(1000, 390_000);
    const bytes = await it.readArtifact(REF, { ...options, into });
    expect(placeOf(bytes)).toEqual({ buffer: whole.buffer, byteOffset: 1000, byteLength: expected.length });
    expect(Buffer.isBuffer(bytes)).toBe(true);
    expect(expected.equals(bytes)).toBe(true);
    expect(isUntouched(whole.subarray(0, 1000))).toBe(true);
    expect(isUntouched(whole.subarray(1000 + expected.length))).toBe(true);
  },
);

test('memory of just the size is enough, and memory that is shared with other threads will do', async () => {
  const it = await stored();
  const into = new Uint8Array(new SharedArrayBuffer(BYTES.length));
  const bytes = await it.readArtifact(REF, { into });
  expect(bytes.buffer).toBe(into.buffer);
  expect(BYTES.equals(bytes)).toBe(true);
});

test('memory that is too small is left as it was', async () => {
  const it = await stored();
  const into = memory(BYTES.length - 1);
  const bytes = await it.readArtifact(REF, { into });
  expect(bytes.buffer).not.toBe(into.buffer);
  expect(BYTES.equals(bytes)).toBe(true);
  expect(isUntouched(into)).toBe(true);
});

test('memory does not raise the limit', async () => {
  const it = await stored();
  const into = memory(BYTES.length);
  expect(await failureOf(it.readArtifact(REF, { into, maxBytes: 300_000 }))).toMatchObject({
    code: 'response_too_large',
  });
  expect(isUntouched(into)).toBe(true);
});

test('memory that was used is used again, by one call after the other', async () => {
  const it = await stored();
  const into = memory(BYTES.length);
  for (const [start, end] of [
    [0, 300_001],
    [5, 6],
    [100, 250_000],
  ] as const) {
    const bytes = await it.readArtifact(REF, { range: { start, end }, into });
    expect([bytes.buffer === into.buffer, BYTES.subarray(start, end).equals(bytes)]).toEqual([true, true]);
  }
});

/** Answers with the first bytes and breaks off, as often as asked for; then goes on where it is told to. */
async function breaking(each: number, breaks: number): Promise<string> {
  let requests = 0;
  const { url } = await httpServer((request: IncomingMessage, response: ServerResponse) => {
    requests += 1;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const last = BYTES.length - 1;
    response.writeHead(start > 0 ? 206 : 200, {
      ...HEADERS,
      'Content-Length': BYTES.length - start,
      ...(start > 0 && { 'Content-Range': `bytes ${start}-${last}/${BYTES.length}` }),
    });
    if (requests > breaks) response.end(BYTES.subarray(start));
    else response.write(BYTES.subarray(start, start + each), () => setTimeout(() => response.destroy(), 20));
  });
  return url;
}

test('a connection that breaks is taken up again in the same memory', async () => {
  const url = await breaking(100_000, 2);
  const into = memory(BYTES.length);
  const bytes = await client({ url }).readArtifact(REF, { into });
  expect([bytes.buffer === into.buffer, BYTES.equals(bytes)]).toEqual([true, true]);
});

test('bytes that are wrong are an error, though they are in the memory', async () => {
  const wrong = Buffer.from(BYTES);
  wrong[5] = (wrong[5] ?? 0) ^ 1;
  const { url } = await httpServer((_request, response) => {
    response.writeHead(200, { ...HEADERS, 'Content-Length': wrong.length }).end(wrong);
  });
  const into = memory(BYTES.length);
  expect(await failureOf(client({ url }).readArtifact(REF, { into }))).toMatchObject({
    code: 'digest_mismatch',
  });
});

test.each(['aborted', 'closed', 'timeout'])(
  'a call that was ended (%s) writes nothing more',
  async (code) => {
    let response: ServerResponse | undefined;
    const { url } = await httpServer((_request, answer) => {
      response = answer;
      answer.writeHead(200, { ...HEADERS, 'Content-Length': BYTES.length });
      answer.write(BYTES.subarray(0, 100_000));
    });
    const it = client({ url });
    const into = memory(BYTES.length);
    const controller = new AbortController();
    const idleTimeoutMs = code === 'timeout' ? 300 : 60_000;
    const reading = failureOf(it.readArtifact(REF, { into, signal: controller.signal, idleTimeoutMs }));
    await until(() => into[99_999] !== BEFORE);
    if (code === 'aborted') controller.abort();
    if (code === 'closed') await it.close(0);
    expect(await reading).toMatchObject({ code });
    into.fill(BEFORE); // somebody else has it now
    response?.write(BYTES.subarray(100_000));
    await sleep(100);
    expect(isUntouched(into)).toBe(true);
  },
);
