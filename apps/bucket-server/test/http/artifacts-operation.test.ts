import { checkBucketHealth } from '@bhiv/contracts/validators';
import { afterEach, describe, expect, test } from '@jest/globals';
import { digestOf, download, EMPTY, upload } from '../helpers/artifacts.ts';
import { postEvent, send, sendJson } from '../helpers/http.ts';
import { type LogLine, type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

afterEach(() => app.stop());

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const WITH_TRACE = { traceparent: `00-${TRACE}-b7ad6b7169203331-01` };

function lines(message: string): LogLine[] {
  return app.logLines.filter((line) => line.msg === message);
}

/** A line is written after its answer was sent, so a client may have it before. */
async function untilLogged(count: number): Promise<void> {
  while (app.logLines.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function metrics(): Promise<Map<string, number>> {
  const { status, headers, text } = await send(app.port, '/metrics');
  expect([status, headers['content-type']]).toEqual([
    200,
    expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  ]);
  const entries = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    entries.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

describe('the log has one line an operation', () => {
  test('an upload, a download, a listing', async () => {
    app = await startApp();
    const about = {
      level: 30,
      bucket_id: 'b',
      artifact_id: 'a',
      version: 'v1',
      digest: digestOf('hello'),
      size_bytes: 5,
      actor: 'training-cluster-5',
      duration_ms: expect.any(Number),
      trace_id: TRACE,
    };
    await upload(app.port, 'hello', WITH_TRACE);
    await download(app.port, WITH_TRACE);
    await download(app.port, { ...WITH_TRACE, Range: 'bytes=0-1' });
    await sendJson(app.port, '/v1/b/a/versions', { headers: WITH_TRACE });
    await untilLogged(4);
    expect(lines('artifact stored')).toEqual([expect.objectContaining(about)]);
    expect(lines('artifact served')).toEqual([
      expect.objectContaining({ ...about, status: 200 }),
      expect.objectContaining({ ...about, status: 206 }),
    ]);
    expect(lines('versions listed')).toEqual([
      expect.objectContaining({ level: 30, bucket_id: 'b', artifact_id: 'a', trace_id: TRACE }),
    ]);
    expect(app.logLines).toHaveLength(4);
  });

  test('what is refused: with everything that was known by then', async () => {
    app = await startApp();
    await upload(app.port, 'hello', { ...WITH_TRACE, 'X-Artifact-Digest': EMPTY });
    await sendJson(app.port, '/v1/b/a?version=v1');
    await upload(app.port, 'hello', {}, '/v1/../a');
    expect(app.logLines).toEqual([
      expect.objectContaining({
        level: 30,
        msg: 'request refused',
        status: 400,
        code: 'digest_mismatch',
        method: 'PUT',
        bucket_id: 'b',
        artifact_id: 'a',
        version: 'v1',
        digest: EMPTY,
        size_bytes: 5,
        actor: 'training-cluster-5',
        duration_ms: expect.any(Number),
        trace_id: TRACE,
        reason: expect.stringContaining(digestOf('hello')),
      }),
      expect.objectContaining({ status: 404, code: 'artifact_not_found', artifact_id: 'a', version: 'v1' }),
      expect.objectContaining({ status: 400, code: 'invalid_name', path: '/v1/../a' }),
    ]);
  });

  test('a name in the log is never longer than it has to be', async () => {
    app = await startApp();
    await upload(app.port, 'hello', { 'X-Uploaded-By': 'x'.repeat(500) });
    await untilLogged(1);
    expect(String(lines('artifact stored')[0]?.actor).length).toBeLessThan(150);
  });
});

describe('GET /metrics', () => {
  test('counts uploads and downloads by outcome, bytes, digest failures, and events', async () => {
    app = await startApp();
    await upload(app.port, 'hello');
    await upload(app.port, 'hello');
    await upload(app.port, 'hello', { 'X-Artifact-Version': 'v2', 'X-Artifact-Digest': EMPTY });
    await upload(app.port, 'hello', { 'X-Artifact-Version': '..' });
    const etag = (await download(app.port)).headers.etag ?? '';
    await download(app.port, { Range: 'bytes=0-2' });
    await download(app.port, { 'If-None-Match': etag });
    await download(app.port, {}, '/v1/b/a?version=v1&metadata_only=true');
    await send(app.port, '/v1/b/a?version=v1', { method: 'HEAD' });
    await download(app.port, {}, '/v1/b/a?version=v9');
    await sendJson(app.port, '/v1/b/a/versions');
    await postEvent(app.port, '{"event_type":"x"}');
    const values = await metrics();
    const expected = {
      'bucket_artifact_uploads_total{outcome="stored"}': 1,
      'bucket_artifact_uploads_total{outcome="version_exists"}': 1,
      'bucket_artifact_uploads_total{outcome="digest_mismatch"}': 1,
      'bucket_artifact_uploads_total{outcome="invalid_name"}': 1,
      bucket_artifact_upload_duration_seconds_count: 4,
      bucket_artifact_uploads_in_flight: 0,
      'bucket_artifact_downloads_total{outcome="whole"}': 1,
      'bucket_artifact_downloads_total{outcome="partial"}': 1,
      'bucket_artifact_downloads_total{outcome="not_modified"}': 1,
      'bucket_artifact_downloads_total{outcome="metadata"}': 1,
      'bucket_artifact_downloads_total{outcome="head"}': 1,
      'bucket_artifact_downloads_total{outcome="artifact_not_found"}': 1,
      bucket_artifact_downloads_in_flight: 0,
      'bucket_artifact_listings_total{outcome="listed"}': 1,
      bucket_artifact_stored_bytes_total: 5,
      bucket_artifact_served_bytes_total: 8,
      'bucket_artifact_digest_failures_total{found_by="upload"}': 1,
      bucket_event_append_duration_seconds_count: 1,
    };
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, values.get(name)]))).toEqual(
      expected,
    );
  });

  test('counts events that the store did not take', async () => {
    app = await startApp();
    await app.store.close();
    await postEvent(app.port, '{"event_type":"x"}');
    const values = await metrics();
    expect(values.get('bucket_events_failed_total{outcome="shutting_down"}')).toBe(1);
    expect(values.get('bucket_event_append_duration_seconds_count')).toBe(1);
  });

  test('two Buckets in one process do not share their counters', async () => {
    app = await startApp();
    const other = await startApp();
    await upload(other.port, 'x');
    expect((await metrics()).get('bucket_artifact_upload_duration_seconds_count')).toBe(0);
    await other.stop();
  });
});

describe('health', () => {
  test('/health names both stores; /readyz asks each for itself', async () => {
    app = await startApp();
    const { status, body } = await sendJson(app.port, '/health');
    expect([status, body.services]).toEqual([200, { events: 'healthy', artifact_store: 'healthy' }]);
    for (const half of ['events', 'artifacts']) {
      const ready = await sendJson(app.port, `/readyz?for=${half}`);
      expect([ready.status, ready.body]).toEqual([200, { status: 'ready' }]);
    }
    await app.artifacts.close();
    const degraded = await sendJson(app.port, '/health');
    expect([degraded.status, degraded.body.status, degraded.body.services]).toEqual([
      503,
      'degraded',
      { events: 'healthy', artifact_store: 'unavailable' },
    ]);
    expect(checkBucketHealth(degraded.body)).toEqual([]);
    expect((await sendJson(app.port, '/readyz?for=events')).status).toBe(200);
    const notReady = await sendJson(app.port, '/readyz?for=artifacts');
    expect([notReady.status, notReady.body.error.code, notReady.body.error.details]).toEqual([
      503,
      'engine_unavailable',
      { for: 'artifacts', state: 'unavailable' },
    ]);
    expect((await postEvent(app.port, '{"event_type":"x"}')).status).toBe(200);
  });
});
