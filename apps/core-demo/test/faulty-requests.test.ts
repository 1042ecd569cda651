import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { checkErrorBody } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHttpServer } from '../src/http/http-server.ts';
import { runningCore } from './support/running-core.ts';

let core: Awaited<ReturnType<typeof runningCore>>;
beforeAll(async () => {
  core = await runningCore({ CORE_PORT: '0' });
});
afterAll(() => core.close());

/** What a server answers to these bytes, after which the caller sends no more unless `open`. */
async function raw(port: number, bytes: string, open = false): Promise<{ status: number; json: unknown }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  if (open) socket.write(bytes);
  else socket.end(bytes);
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk;
  socket.destroy();
  const body = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  return { status: Number(text.split(' ')[1]), json: JSON.parse(body) };
}

const POST = 'POST /handle_task HTTP/1.1\r\nHost: localhost\r\n';

test.each<[string, string, number, string]>([
  [
    'an unknown expectation',
    `${POST}Expect: banana\r\nContent-Length: 2\r\n\r\n{}`,
    417,
    'expectation_failed',
  ],
  ['no Host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'invalid_request'],
  ['garbage', '\x16\x03\x01\r\n\r\n', 400, 'invalid_request'],
  ['headers over 16 KiB', `${POST}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ['a body cut short', `${POST}Content-Length: 50\r\n\r\n{"a"`, 400, 'invalid_request'],
])('%s is answered with an error body', async (_case, bytes, status, code) => {
  const answer = await raw(core.port, bytes);
  expect(answer).toMatchObject({ status, json: { error: { code } } });
  expect(checkErrorBody(answer.json)).toEqual([]);
});

test('a body that does not come is 408', async () => {
  const server = createHttpServer(() => {}, 100);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const answer = await raw(port, `${POST}Content-Length: 50\r\n\r\n{"a"`, true);
  expect(answer).toMatchObject({ status: 408, json: { error: { code: 'request_timeout' } } });
  server.close();
  server.closeAllConnections();
});

const deep = '['.repeat(200_000) + ']'.repeat(200_000);
test.each<[string, string | Buffer, Record<string, string>, number, string]>([
  ['a broken gzip', 'x', { 'Content-Encoding': 'gzip' }, 415, 'unsupported_encoding'],
  ['another charset', '{}', { 'Content-Type': 'a/b; charset=utf-16' }, 415, 'unsupported_encoding'],
  ['deep arrays', deep, {}, 400, 'invalid_task'],
  ['a deep input', `{"input":${deep}}`, {}, 400, 'invalid_task'],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}, 400, 'invalid_json'],
])('%s is refused', async (_case, body, headers, status, code) => {
  expect(await core.send('POST', '/handle_task', body, headers)).toMatchObject({
    status,
    json: { error: { code } },
  });
});

test.each(['- ', '>', '*a', '[', '![', '>a\n\n'])('Markdown of nothing but %j is refused', async (part) => {
  for (const agent of ['summary', 'search', 'outline']) {
    const task = { agent, input: part.repeat(20_000 / part.length), input_type: 'markdown' };
    expect(await core.task(task)).toMatchObject({ status: 422, json: { error: { code: 'unusable_input' } } });
  }
});

test.each(['>a\n\n'.repeat(300), '*a'.repeat(600), '['.repeat(600), '- '.repeat(8), 'a b c. '.repeat(3500)])(
  'Markdown within the limits is worked on',
  async (part) => {
    const task = { agent: 'outline', input: `${part}\n\nSome words.`, input_type: 'markdown' };
    expect(await core.task(task)).toMatchObject({ status: 200 });
  },
);

test('an unknown input type is answered with the known ones, and /config shows the port in use', async () => {
  expect(await core.task({ input: 'a', input_type: 'audio' })).toMatchObject({
    json: { error: { code: 'no_agent_fits', details: { input_types: ['text', 'markdown', 'query'] } } },
  });
  expect(await core.get('/config')).toMatchObject({ json: { port: core.port } });
});
