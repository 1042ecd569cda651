import { checkErrorBody, checkWriteEventResponse } from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recentEvents } from '../../src/event-store/conformance/samples.ts';
import { post, postEvent, send } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

beforeAll(async () => {
  app = await startApp({ maxEventBytes: 2000 });
});
afterAll(() => app.stop());

const HEARTBEAT = '{"event_type":"heartbeat"}';

describe('POST /core/write-event takes', () => {
  test.each([
    ['a generic event', HEARTBEAT],
    [
      'a generic event with everything',
      '{"event_type":"x","timestamp":"t","agent_id":"a","task_id":"t","metadata":{}}',
    ],
    ['rl_outcome', '{"event_type":"rl_outcome","agent_id":"a","reward":0.85}'],
    ['agent_result', '{"event_type":"agent_result","task_id":"t","agent_id":"a","result":{}}'],
    ['task_error', '{"event_type":"task_error","task_id":"t","agent_id":"a","error":"e"}'],
    ['an empty event_type', '{"event_type":""}'],
    ['an empty agent_id', '{"event_type":"x","agent_id":""}'],
  ])('%s', async (_name, event) => {
    const { count } = await app.store.recent(1);
    const { status, body, headers } = await postEvent(app.port, event);
    expect({ status, body }).toEqual({ status: 200, body: { success: true, message: 'Event received' } });
    expect(checkWriteEventResponse(body)).toEqual([]);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const [stored] = await recentEvents(app.store, 1);
    expect(stored?.text).toBe(event);
    expect((await app.store.recent(1)).count).toBe(count + 1);
  });

  test.each([[undefined], ['text/plain'], ['application/x-www-form-urlencoded'], ['nonsense']])(
    'any Content-Type: %s',
    async (type) => {
      const headers: Record<string, string> = type === undefined ? {} : { 'Content-Type': type };
      const { status } = await post(
        app.port,
        `{"requester_id":"bhiv_core","event_data":${HEARTBEAT}}`,
        headers,
      );
      expect(status).toBe(200);
    },
  );

  test.each(['Identity', ''])('an envelope with more fields, and Content-Encoding %j', async (encoding) => {
    const body = `{"v":2,"event_data":${HEARTBEAT},"requester_id":"bhiv_core"}`;
    expect((await post(app.port, body, { 'Content-Encoding': encoding })).status).toBe(200);
  });
});

const ok = (event: string) => `{"requester_id":"bhiv_core","event_data":${event}}`;

describe('POST /core/write-event refuses', () => {
  test.each<[string, string | Buffer, number, string, RegExp, object]>([
    ['no body', '', 400, 'invalid_json', /The body is empty/, {}],
    ['blanks', ' \n ', 400, 'invalid_json', /The body is empty/, {}],
    ['half a JSON text', '{"requester_id":', 400, 'invalid_json', /not JSON/, { reason: expect.any(String) }],
    [
      'NaN',
      ok('{"event_type":"rl_outcome","agent_id":"a","reward":NaN}'),
      400,
      'invalid_json',
      /not JSON \(.*reward":NaN.*\)/,
      {},
    ],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'invalid_json', /not UTF-8/, {}],
    ['a list', '[]', 400, 'invalid_envelope', /body is \[\] but must be an object/, { field: 'body' }],
    ['null', 'null', 400, 'invalid_envelope', /must be an object/, {}],
    [
      'no requester',
      '{"event_data":{"event_type":"x"}}',
      400,
      'invalid_envelope',
      /requester_id is missing/,
      { field: 'requester_id', value: 'missing' },
    ],
    [
      'requester null',
      '{"requester_id":null,"event_data":{"event_type":"x"}}',
      400,
      'invalid_envelope',
      /requester_id is null/,
      { field: 'requester_id', value: 'null' },
    ],
    [
      'a requester that is a number',
      '{"requester_id":7,"event_data":{"event_type":"x"}}',
      400,
      'invalid_envelope',
      /requester_id is 7/,
      { value: '7' },
    ],
    [
      'no event_data',
      '{"requester_id":"bhiv_core"}',
      400,
      'invalid_envelope',
      /event_data is missing/,
      { field: 'event_data' },
    ],
    [
      'an event_data that is a string',
      ok('"x"'),
      400,
      'invalid_envelope',
      /event_data is "x" but must be an object/,
      { field: 'event_data', value: '"x"' },
    ],
    [
      'another requester',
      '{"requester_id":"somebody","event_data":{"event_type":"x"}}',
      403,
      'requester_not_allowed',
      /requester_id is "somebody" but only "bhiv_core"/,
      { field: 'requester_id', value: '"somebody"' },
    ],
    [
      'a requester in other letters',
      '{"requester_id":"BHIV_CORE","event_data":{"event_type":"x"}}',
      403,
      'requester_not_allowed',
      /"BHIV_CORE"/,
      {},
    ],
    [
      'no event_type',
      ok('{}'),
      400,
      'invalid_event',
      /event_data\.event_type is missing/,
      { field: 'event_data.event_type', value: 'missing' },
    ],
    [
      'event_type null',
      ok('{"event_type":null}'),
      400,
      'invalid_event',
      /event_data\.event_type is null/,
      { value: 'null' },
    ],
    [
      'a timestamp that is a number',
      ok('{"event_type":"x","timestamp":5}'),
      400,
      'invalid_event',
      /event_data\.timestamp is 5 but must be a string/,
      { field: 'event_data.timestamp', value: '5' },
    ],
    [
      'an agent_id that is a number',
      ok('{"event_type":"x","agent_id":5}'),
      400,
      'invalid_event',
      /event_data\.agent_id is 5/,
      {},
    ],
    [
      'a task_id that is a list',
      ok('{"event_type":"x","task_id":[]}'),
      400,
      'invalid_event',
      /event_data\.task_id is \[\]/,
      {},
    ],
    [
      'metadata that is a list',
      ok('{"event_type":"x","metadata":[]}'),
      400,
      'invalid_event',
      /event_data\.metadata is \[\]/,
      {},
    ],
    [
      'rl_outcome without agent',
      ok('{"event_type":"rl_outcome","reward":1}'),
      400,
      'invalid_event',
      /event_data\.agent_id is missing/,
      {},
    ],
    [
      'rl_outcome with a word for reward',
      ok('{"event_type":"rl_outcome","agent_id":"a","reward":"high"}'),
      400,
      'invalid_event',
      /event_data\.reward is "high" but must be a number/,
      { field: 'event_data.reward', value: '"high"' },
    ],
    [
      'agent_result with a text for result',
      ok('{"event_type":"agent_result","task_id":"t","agent_id":"a","result":"r"}'),
      400,
      'invalid_event',
      /event_data\.result is "r" but must be an object/,
      {},
    ],
    [
      'agent_result with nothing',
      ok('{"event_type":"agent_result"}'),
      400,
      'invalid_event',
      /task_id is missing.*agent_id is missing.*result is missing/,
      { problems: expect.arrayContaining([expect.objectContaining({ rule: 'required' })]) },
    ],
    [
      'task_error with an object for error',
      ok('{"event_type":"task_error","task_id":"t","agent_id":"a","error":{}}'),
      400,
      'invalid_event',
      /event_data\.error is \{\} but must be a string/,
      {},
    ],
    [
      'an event_data of 500 levels of lists',
      ok('['.repeat(500) + ']'.repeat(500)),
      400,
      'invalid_envelope',
      /must be an object/,
      {},
    ],
    [
      'too many bytes',
      ok(`{"event_type":"${'x'.repeat(2000)}"}`),
      413,
      'body_too_large',
      /The body has \d+ bytes and at most 2000/,
      { limit_bytes: 2000 },
    ],
  ])('%s', async (_name, body, status, code, message, details) => {
    const { count } = await app.store.recent(1);
    const reply = await post(app.port, body);
    expect(reply.body.error).toMatchObject({ code, message: expect.stringMatching(message), details });
    expect(reply.status).toBe(status);
    expect(checkErrorBody(reply.body)).toEqual([]);
    expect((await app.store.recent(1)).count).toBe(count);
  });

  test.each(['gzip', 'br', 'identity, gzip'])('Content-Encoding %j', async (encoding) => {
    const reply = await post(app.port, ok(HEARTBEAT), { 'Content-Encoding': encoding });
    expect(reply.status).toBe(415);
    expect(reply.body.error).toMatchObject({ code: 'unsupported_encoding', details: { value: encoding } });
  });

  test('a bodiless POST without Content-Length', async () => {
    const { status, text } = await send(app.port, '/core/write-event', { method: 'POST' });
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'invalid_json']);
  });
});

describe('POST /core/write-event checks in this order', () => {
  const long = 'x'.repeat(3000);

  test.each([
    ['size before encoding', `not json ${long}`, { 'Content-Encoding': 'gzip' }, 413],
    ['size before JSON', `not json ${long}`, {}, 413],
    ['size before requester', `{"requester_id":"evil","event_data":{"event_type":"${long}"}}`, {}, 413],
    ['envelope before requester', '{"requester_id":"evil","event_data":5}', {}, 400],
    ['requester before event', '{"requester_id":"evil","event_data":{}}', {}, 403],
  ])('%s', async (_name, body, headers, status) => {
    expect((await post(app.port, body, headers)).status).toBe(status);
  });
});

describe('the log of POST /core/write-event', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  test('one line at debug for an event, with its trace id', async () => {
    app.logLines.length = 0;
    await post(app.port, ok('{"event_type":"x","agent_id":"a"}'), { traceparent });
    expect(app.logLines).toEqual([
      expect.objectContaining({
        level: 20,
        msg: 'event stored',
        agent_id: 'a',
        event_type: 'x',
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      }),
    ]);
  });

  test('one line at info for a refusal, with its code; long values are cut', async () => {
    app.logLines.length = 0;
    await post(app.port, '{"requester_id":"evil","event_data":{}}', { traceparent: 'ff-zz' });
    expect(app.logLines).toEqual([
      expect.objectContaining({
        level: 30,
        code: 'requester_not_allowed',
        status: 403,
        path: '/core/write-event',
      }),
    ]);
    expect(app.logLines[0]).not.toHaveProperty('trace_id');
    await post(app.port, ok(`{"event_type":"${'x'.repeat(500)}"}`), {
      traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    });
    expect(String(app.logLines.at(-1)?.event_type)).toMatch(/^x{100}\.\.\. \(500 characters\)$/);
    expect(app.logLines.at(-1)).not.toHaveProperty('trace_id');
  });
});
