import { randomBytes } from 'node:crypto';
import { checkErrorBody } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, download, upload } from '../helpers/artifacts.ts';
import { blobPath, DAMAGES, flipBit } from '../helpers/damage.ts';
import { RawConnection, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const SIZES = { 'a small artifact': 5000, 'a large one': 3_000_000 };
const cases = Object.entries(SIZES).flatMap(([what, size]) =>
  Object.entries(DAMAGES).map(([damage, inflict]) => [what, damage, size, inflict] as const),
);

/** How a whole download ended: the status of an answer that came to its end, or undefined where it broke. */
async function endOf(path: string) {
  try {
    return await download(app.port, {}, path);
  } catch {
    return undefined;
  }
}

async function digestFailures(): Promise<number> {
  const { text } = await send(app.port, '/metrics');
  return Number(/^bucket_artifact_digest_failures_total\{found_by="read"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

describe('bytes that are damaged on the disk', () => {
  test.each(cases)(
    '%s, %s: never served whole, found, told, and healed',
    async (_what, _damage, size, inflict) => {
      const bytes = randomBytes(size);
      const name = digestOf(bytes).slice(-20);
      const path = `/v1/b/${name}?version=v1`;
      await upload(app.port, bytes, {}, `/v1/b/${name}`);
      await inflict(blobPath(app.folder, digestOf(bytes)));
      const [before, lines] = [await digestFailures(), app.logLines.length];

      const reply = await endOf(path);
      if (reply !== undefined) {
        const { status, headers, text } = reply;
        const { error } = JSON.parse(text);
        expect([status, error.code, headers['cache-control']]).toEqual([500, 'artifact_corrupt', 'no-store']);
        expect(error.message).toMatch(/^The stored bytes are damaged \(.+\), so they are not served: upload/);
        expect(Object.keys(error.details)).toEqual(['expected', 'found']);
        expect(checkErrorBody({ error })).toEqual([]);
      }
      expect(await digestFailures()).toBe(before + 1);
      const logged = app.logLines.slice(lines).filter((line) => line.level === 50);
      expect(logged).toEqual([
        expect.objectContaining({ artifact_id: name, version: 'v1', digest: digestOf(bytes) }),
      ]);

      // Everything that needs no bytes goes on, and so do other artifacts.
      expect((await send(app.port, path, { method: 'HEAD' })).status).toBe(200);
      expect((await sendJson(app.port, `${path}&metadata_only=true`)).body.digest).toBe(digestOf(bytes));
      expect((await sendJson(app.port, `/v1/b/${name}/versions`)).body.versions).toHaveLength(1);

      // Under the same version nothing is read; under a new one the right bytes heal all that have this digest.
      expect((await upload(app.port, bytes, {}, `/v1/b/${name}`)).body.error.details.identical).toBe(true);
      const healing = await upload(app.port, bytes, { 'X-Artifact-Version': 'v2' }, `/v1/b/${name}`);
      expect(healing.status).toBe(201);
      expect((await download(app.port, {}, path)).bytes.equals(bytes)).toBe(true);
    },
  );

  test('what is known before the first byte is an answer, what is found later breaks the connection', async () => {
    const small = randomBytes(5000);
    const large = randomBytes(3_000_000);
    for (const bytes of [small, large]) {
      await upload(app.port, bytes, {}, `/v1/b/late-${bytes.length}`);
      await flipBit(blobPath(app.folder, digestOf(bytes)), bytes.length - 1);
    }
    expect((await endOf('/v1/b/late-5000?version=v1'))?.status).toBe(500);
    const connection = new RawConnection(app.port);
    connection.write('GET /v1/b/late-3000000?version=v1 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const text = await connection.closed();
    expect(text).toMatch(/^HTTP\/1\.1 200 .*Content-Length: 3000000\r\n/s);
    expect(text.length).toBeLessThan(3_000_000);
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        level: 50,
        artifact_id: 'late-3000000',
        msg: expect.stringContaining('broken'),
      }),
    );
  });

  test('a range is not verified, as the contract says; one that is not there any more breaks', async () => {
    const bytes = randomBytes(3_000_000);
    await upload(app.port, bytes, {}, '/v1/b/ranges');
    await flipBit(blobPath(app.folder, digestOf(bytes)), 100);
    const range = await download(app.port, { Range: 'bytes=0-999' }, '/v1/b/ranges?version=v1');
    expect([range.status, range.bytes.length, range.bytes.equals(bytes.subarray(0, 1000))]).toEqual([
      206,
      1000,
      false,
    ]);
    await DAMAGES['nothing left of it'](blobPath(app.folder, digestOf(bytes)));
    const gone = await download(app.port, { Range: 'bytes=0-999' }, '/v1/b/ranges?version=v1');
    expect([gone.status, JSON.parse(gone.text).error.code]).toEqual([500, 'artifact_corrupt']);
  });

  test('metadata that is damaged: 500, and other versions go on', async () => {
    await upload(app.port, 'x', {}, '/v1/b/refs');
    await upload(app.port, 'x', { 'X-Artifact-Version': 'v2' }, '/v1/b/refs');
    await DAMAGES['nothing left of it'](`${app.folder}/artifacts/refs/b/refs/v1.json`);
    const { status, body } = await sendJson(app.port, '/v1/b/refs?version=v1');
    expect([status, body.error.code]).toEqual([500, 'artifact_corrupt']);
    expect(checkErrorBody(body)).toEqual([]);
    expect((await download(app.port, {}, '/v1/b/refs?version=v2')).text).toBe('x');
  });
});

test('without verification a flipped bit is served, and a missing byte is not', async () => {
  const other = await startApp({ verifyOnRead: false });
  const bytes = randomBytes(3_000_000);
  await upload(other.port, bytes);
  const path = blobPath(other.folder, digestOf(bytes));
  await flipBit(path, 5);
  const { status, bytes: served } = await download(other.port);
  expect([status, served.length, served.equals(bytes)]).toEqual([200, bytes.length, false]);
  await DAMAGES['a byte too few'](path);
  expect((await download(other.port)).status).toBe(500);
  await other.stop();
});
