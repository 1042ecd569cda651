import { checkErrorBody } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postEvent, RawConnection, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

beforeAll(async () => {
  app = await startApp();
  await postEvent(app.port, '{"event_type":"x","agent_id":"a"}');
});
afterAll(() => app.stop());

const READS = [
  '/core/events',
  '/core/stats',
  '/core/read-context?agent_id=a&requester_id=bhiv_core',
  '/health',
  '/livez',
  '/readyz?for=events',
  '/readyz?for=artifacts',
  '/metrics',
];

describe('every request', () => {
  test.each(READS)('HEAD %s has the status and type of GET, and no body', async (path) => {
    const head = await send(app.port, path, { method: 'HEAD' });
    const get = await send(app.port, path);
    expect([head.status, head.text, head.headers['content-type']]).toEqual([
      200,
      '',
      get.headers['content-type'],
    ]);
  });

  test.each([
    ['a good event', '{"requester_id":"bhiv_core","event_data":{"event_type":"x"}}', {}, 200],
    ['a bad event', '{"requester_id":"bhiv_core","event_data":{}}', {}, 400],
    ['a strange host', '{}', { Host: 'example.org' }, 403],
  ])('a write is answered alike however its target is written: %s', async (_, body, headers, status) => {
    const targets = ['', '?x=1', 'http://127.0.0.1'].map((form) =>
      form.startsWith('http') ? `${form}/core/write-event` : `/core/write-event${form}`,
    );
    const answers = await Promise.all(
      targets.map((target) => send(app.port, target, { method: 'POST', body, headers })),
    );
    const [first] = answers.map((answer) => ({ ...answer, headers: { ...answer.headers, date: '' } }));
    expect(first?.status).toBe(status);
    expect(first?.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    for (const answer of answers) {
      expect({ ...answer, headers: { ...answer.headers, date: '' } }).toEqual(first);
    }
  });

  test('a second Host is refused', async () => {
    const connection = new RawConnection(app.port);
    connection.write(
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nhost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    );
    const reply = await connection.closed();
    expect(reply).toMatch(/^HTTP\/1\.1 400 /);
    expect(reply).toContain('The Host header is given more than once');
  });

  test('HEAD makes the same checks', async () => {
    expect((await send(app.port, '/core/events?limit=0', { method: 'HEAD' })).status).toBe(400);
  });

  test.each([...READS, '/nothing'])('%s is not stored by caches and not sniffed', async (path) => {
    const { headers } = await send(app.port, path);
    expect([headers['cache-control'], headers['x-content-type-options']]).toEqual(['no-store', 'nosniff']);
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('etag');
  });

  test.each([
    '/',
    '/nothing',
    '/core',
    '/core/events/',
    '/Core/Events',
    '/core/event',
    '//core/events',
    '/v1/a',
    '/%zz',
  ])('there is nothing at %s', async (path) => {
    const { status, body } = await sendJson(app.port, path);
    expect([status, body.error.code, body.error.details]).toEqual([404, 'not_found', { path }]);
    expect(body.error.message).toContain(`There is nothing at ${path}`);
    expect(checkErrorBody(body)).toEqual([]);
  });

  test.each([
    ['GET', '/core/write-event', 'POST'],
    ['PUT', '/core/write-event', 'POST'],
    ['OPTIONS', '/core/write-event', 'POST'],
    ['POST', '/core/events', 'GET, HEAD'],
    ['DELETE', '/core/events', 'GET, HEAD'],
    ['POST', '/core/read-context', 'GET, HEAD'],
    ['PATCH', '/core/stats', 'GET, HEAD'],
    ['OPTIONS', '/health', 'GET, HEAD'],
    ['POST', '/livez', 'GET, HEAD'],
    ['POST', '/readyz', 'GET, HEAD'],
  ])('%s %s is not possible', async (method, path, allow) => {
    const { status, body, headers } = await sendJson(app.port, path, { method });
    expect([status, body.error.code, headers.allow]).toEqual([405, 'method_not_allowed', allow]);
    expect(body.error.message).toBe(`${method} is not possible on ${path}: use ${allow}.`);
    expect(checkErrorBody(body)).toEqual([]);
  });
});

/** What a hand-written request gets, with the status line and the parsed body. */
async function answerTo(request: string) {
  const text = await new RawConnection(app.port).write(request).closed();
  const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
  expect(checkErrorBody(body)).toEqual([]);
  return { head: text.slice(0, text.indexOf('\r\n')), error: body.error };
}

describe('what Node would refuse with an empty answer is answered in the form of every error', () => {
  test('an Expect that is not 100-continue', async () => {
    const { head, error } = await answerTo(
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nExpect: banana\r\nConnection: close\r\n\r\n',
    );
    expect(head).toBe('HTTP/1.1 400 Bad Request');
    expect(error).toMatchObject({
      code: 'invalid_header',
      message: expect.stringContaining('The Expect header is "banana"'),
      details: { field: 'Expect', value: '"banana"' },
    });
  });

  test('HTTP/1.1 without Host', async () => {
    const { head, error } = await answerTo('GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(head).toBe('HTTP/1.1 400 Bad Request');
    expect([error.code, error.details]).toEqual(['invalid_header', { field: 'Host', value: 'missing' }]);
  });

  test('CONNECT', async () => {
    const { head, error } = await answerTo('CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(head).toBe('HTTP/1.1 405 Method Not Allowed');
    expect([error.code, error.details]).toEqual(['method_not_allowed', { method: 'CONNECT' }]);
  });
});

describe('what is no HTTP request', () => {
  test('is answered in the form of every error, and the connection closed', async () => {
    const text = await new RawConnection(app.port).write('NONSENSE\r\n\r\n').closed();
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
    expect(body.error).toMatchObject({ code: 'invalid_header', details: { reason: 'HPE_INVALID_METHOD' } });
    expect(checkErrorBody(body)).toEqual([]);
  });

  test('broken chunks in the middle of a body', async () => {
    const connection = new RawConnection(app.port);
    connection.write(
      'POST /core/write-event HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"req\r\nXX\r\n',
    );
    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 400 .*"code":"invalid_header"/s);
  });

  test('garbage while an answer is under way breaks the connection', async () => {
    const connection = new RawConnection(app.port);
    connection.write(`POST /livez HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
    await connection.until('method_not_allowed'); // answered early; the body is still being read
    const text = await connection.write('not a chunk\r\n').closed();
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});
