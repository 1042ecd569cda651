import { monitorEventLoopDelay } from 'node:perf_hooks';
import { checkErrorBody, checkVersionsResponse } from '@bhiv/contracts/validators';
import { afterEach, describe, expect, test } from '@jest/globals';
import { digestOf, EMPTY, upload } from '../helpers/artifacts.ts';
import { RawConnection, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

afterEach(() => app.stop());

describe('GET /v1/{bucket_id}/{artifact_id}/versions (CONTRACT B3)', () => {
  test('every version with its digest, size and time, and nothing else', async () => {
    app = await startApp();
    const created = { 'X-Created-At': '2026-01-29T10:30:00Z' };
    const bodies = { v1: 'one', 'v1.0': '', 'a b': 'three', '...': 'four' };
    for (const [version, body] of Object.entries(bodies)) {
      await upload(app.port, body, { ...created, 'X-Artifact-Version': version });
    }
    await upload(app.port, 'other', {}, '/v1/b/other');
    const { status, headers, body } = await sendJson(app.port, '/v1/b/a/versions');
    expect([status, headers['content-type'], headers['cache-control']]).toEqual([
      200,
      'application/json; charset=utf-8',
      'no-store',
    ]);
    expect(checkVersionsResponse(body)).toEqual([]);
    const byVersion = (a: { version: string }, b: { version: string }) => (a.version < b.version ? -1 : 1);
    expect(body.versions.toSorted(byVersion)).toEqual(
      Object.entries(bodies)
        .map(([version, bytes]) => ({
          version,
          digest: digestOf(bytes),
          size_bytes: bytes.length,
          created_at: '2026-01-29T10:30:00Z',
        }))
        .toSorted(byVersion),
    );
  });

  test('HEAD: the same headers, no body', async () => {
    app = await startApp();
    await upload(app.port, 'x');
    const { status, headers, text } = await send(app.port, '/v1/b/a/versions', { method: 'HEAD' });
    expect([status, headers['content-type'], text]).toEqual([200, 'application/json; charset=utf-8', '']);
    expect((await send(app.port, '/v1/b/none/versions', { method: 'HEAD' })).status).toBe(404);
  });

  test('an unknown artifact: 404, with its names', async () => {
    app = await startApp();
    await upload(app.port, 'x');
    for (const path of ['/v1/b/none/versions', '/v1/none/a/versions', '/v1/B/a/versions']) {
      const { status, body } = await sendJson(app.port, path);
      expect([status, body.error.code]).toEqual([404, 'artifact_not_found']);
      expect(body.error.message).toMatch(/^There is no artifact \w+\/\w+ here: check both names/);
      expect(Object.keys(body.error.details)).toEqual(['bucket_id', 'artifact_id']);
      expect(checkErrorBody(body)).toEqual([]);
    }
    expect((await sendJson(app.port, '/v1/%2e%2e/a/versions')).body.error.code).toBe('invalid_name');
  });

  test('an artifact may be called versions: its bytes and its list have different paths', async () => {
    app = await startApp();
    await upload(app.port, 'x', {}, '/v1/b/versions');
    expect((await send(app.port, '/v1/b/versions?version=v1')).text).toBe('x');
    expect((await sendJson(app.port, '/v1/b/versions/versions')).body.versions).toHaveLength(1);
    expect((await sendJson(app.port, '/v1/b/versions')).body.error.code).toBe('missing_parameter');
  });

  test('thousands of versions come whole, and hold nobody up meanwhile', async () => {
    app = await startApp();
    const count = 3000;
    const claim = { digest: EMPTY, size: 0, createdAt: 'now', uploadedBy: 'me', provenanceSource: 'test' };
    const put = (version: number) =>
      app.artifacts.put({ bucketId: 'b', artifactId: 'a', version: `v${version}` }, claim, noPieces());
    for (let done = 0; done < count; done += 100) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => put(done + index)));
    }
    await sendJson(app.port, '/v1/b/a/versions');
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const { bytes } = await send(app.port, '/v1/b/a/versions');
    delay.disable();
    const { versions } = JSON.parse(bytes.toString());
    expect(new Set(versions.map((entry: { version: string }) => entry.version)).size).toBe(count);
    expect(delay.percentile(50) / 1e6).toBeLessThan(20);
  });

  test('a client that goes away in the middle, and a store that fails in the middle', async () => {
    const other = await startApp();
    await upload(other.port, 'x');
    const entry = await other.artifacts.stat({ bucketId: 'b', artifactId: 'a', version: 'v1' });
    if (entry === null) throw new Error('just stored');
    let fails = false;
    async function* pages() {
      for (let page = 0; page < 1000; page += 1) yield Array.from({ length: 512 }, () => entry ?? never());
      if (fails) throw new Error('the disk went bad');
    }
    // More versions than can be made here in a second, and a disk that fails between two pages.
    const artifacts = { ...bound(other.artifacts), versions: async () => pages() };
    app = await startApp({ artifacts });
    const connection = new RawConnection(app.port);
    connection.write('GET /v1/b/a/versions HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await connection.until('{"versions":[');
    connection.socket.destroy();
    while (!app.logLines.some((line) => line.msg === 'client went away')) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    fails = true;
    await expect(send(app.port, '/v1/b/a/versions')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(app.logLines).toContainEqual(
      expect.objectContaining({ level: 50, bucket_id: 'b', artifact_id: 'a' }),
    );
    await other.stop();
  });
});

function never(): never {
  throw new Error('there is an entry');
}

function bound(artifacts: RunningApp['artifacts']): RunningApp['artifacts'] {
  return {
    put: (...args) => artifacts.put(...args),
    stat: (ref) => artifacts.stat(ref),
    open: (...args) => artifacts.open(...args),
    versions: (...args) => artifacts.versions(...args),
    freeBytes: () => artifacts.freeBytes(),
    health: () => artifacts.health(),
    close: async () => undefined,
  };
}

async function* noPieces(): AsyncGenerator<Uint8Array> {
  // An upload of no bytes has none.
}
