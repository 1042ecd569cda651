import { checkErrorBody } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RawConnection, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

const EVENT = '{"requester_id":"bhiv_core","event_data":{"event_type":"x"}}';

describe('on loopback', () => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp({ allowedHosts: ['bucket.example.org'] });
  });
  afterAll(() => app.stop());

  test.each([
    'localhost',
    'LOCALHOST:1',
    '127.0.0.1:8001',
    '[::1]',
    '[::1]:8001',
    'bucket.example.org',
    'Bucket.Example.org:443',
  ])('Host %s is let in', async (host) => {
    expect((await send(app.port, '/livez', { headers: { Host: host } })).status).toBe(200);
  });

  test.each([
    'evil.example.org',
    'evil.example.org:8001',
    'localhost.evil.example.org',
    'localhost@evil.example.org',
    'evil.example.org/localhost',
    '127.0.0.1.evil.example.org',
    'sub.bucket.example.org',
    '[::1].evil.example.org',
    'localhost:8001:8001',
    '0.0.0.0',
    '::1',
  ])('Host %s is refused', async (host) => {
    const { status, body } = await sendJson(app.port, '/core/events', { headers: { Host: host } });
    expect([status, body.error.code]).toEqual([403, 'host_not_allowed']);
    expect(body.error.details).toEqual({ field: 'Host', value: JSON.stringify(host) });
    expect(body.error.message).toContain(`The Host header is ${JSON.stringify(host)}`);
    expect(body.error.message).toContain('BUCKET_ALLOWED_HOSTS');
    expect(checkErrorBody(body)).toEqual([]);
  });

  test('no Host at all is refused', async () => {
    const text = await new RawConnection(app.port).write('GET /livez HTTP/1.0\r\n\r\n').closed();
    expect(text).toMatch(/403 Forbidden.*The Host header is missing/s);
  });

  test.each([
    'http://localhost:3000',
    'https://127.0.0.1',
    'http://[::1]:8001',
    'https://bucket.example.org',
  ])('Origin %s is let in', async (origin) => {
    expect((await send(app.port, '/livez', { headers: { Origin: origin } })).status).toBe(200);
  });

  test.each([
    'http://evil.example.org',
    'null',
    'file://',
    'http://localhost.evil.example.org',
    'localhost',
    '',
  ])('Origin %j is refused, and nothing is stored', async (origin) => {
    const headers = { Origin: origin };
    const { status, body } = await sendJson(app.port, '/core/write-event', {
      method: 'POST',
      headers,
      body: EVENT,
    });
    expect([status, body.error.code, body.error.details.field]).toEqual([403, 'host_not_allowed', 'Origin']);
    expect((await app.store.recent(1)).count).toBe(0);
  });
});

describe('behind a gateway', () => {
  test('any Host and Origin is let in', async () => {
    const app = await startApp({ allowedHosts: null });
    const headers = { Host: 'anything.example.org', Origin: 'https://else.example.org' };
    expect((await send(app.port, '/livez', { headers })).status).toBe(200);
    await app.stop();
  });
});
