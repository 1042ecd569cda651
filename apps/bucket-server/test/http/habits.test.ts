import {
  checkEventsResponse,
  checkReadContextResponse,
  checkWriteEventRequest,
} from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postEvent, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** The text in which /core/events shows the event that was written last. */
async function shownText(): Promise<string> {
  const { text } = await send(app.port, '/core/events?limit=1');
  expect(checkEventsResponse(JSON.parse(text))).toEqual([]);
  return text.slice('{"events":['.length, text.lastIndexOf('],"count":'));
}

async function write(eventText: string): Promise<void> {
  const { status, body } = await postEvent(app.port, eventText);
  expect({ status, body }).toEqual({ status: 200, body: { success: true, message: 'Event received' } });
  expect(checkWriteEventRequest({ requester_id: 'bhiv_core', event_data: JSON.parse(eventText) })).toEqual(
    [],
  );
}

describe('the four habits of the Cores in the field (CONTRACT A1)', () => {
  test('1a. no timestamp: the time of receipt is stamped', async () => {
    const before = new Date().toISOString();
    await write('{"event_type":"x","agent_id":"a"}');
    const after = new Date().toISOString();
    const { timestamp } = JSON.parse(await shownText());
    expect(before <= timestamp && timestamp <= after).toBe(true);
    const { body } = await sendJson(app.port, '/core/read-context?agent_id=a&requester_id=bhiv_core');
    expect(body.context.last_updated).toBe(timestamp);
  });

  test.each(['', 'yesterday', '2026-01-29T10:30:00', '29 Jan, half past ten', '\\u0000'])(
    '1b. any string is a timestamp and is kept: "%s"',
    async (timestamp) => {
      await write(`{"event_type":"x","agent_id":"a","timestamp":"${timestamp}"}`);
      expect(await shownText()).toBe(
        `{"requester_id":"bhiv_core","event_type":"x","agent_id":"a","timestamp":"${timestamp}"}`,
      );
      const { body } = await sendJson(app.port, '/core/read-context?agent_id=a&requester_id=bhiv_core');
      expect(body.context.last_updated).toBe(JSON.parse(`"${timestamp}"`));
      expect(checkReadContextResponse(body)).toEqual([]);
    },
  );

  test('2. fields that no table names are kept, everywhere', async () => {
    const event =
      '{"event_type":"agent_result","timestamp":"t","task_id":"t","agent_id":"a","host":"core-1","retries":[1,2],' +
      '"result":{"status":200,"confidence":0.9,"nested":{"deep":[null]}},"metadata":{"k":{"l":"m"}}}';
    await write(event);
    expect(await shownText()).toBe(`{"requester_id":"bhiv_core",${event.slice(1)}`);
  });

  test('3. a result that lacks every field, with a status in words, nesting its own result', async () => {
    await write('{"event_type":"agent_result","timestamp":"t","task_id":"1","agent_id":"a","result":{}}');
    await write(
      '{"event_type":"agent_result","timestamp":"t","task_id":"1","agent_id":"a","result":{"status":"success","result":{"result":"r"}}}',
    );
    const { body } = await sendJson(app.port, '/core/events?limit=1');
    expect(body.events[0].result).toEqual({ status: 'success', result: { result: 'r' } });
  });

  test('4a. null stands for "not there" where a field is optional', async () => {
    const before = await sendJson(app.port, '/core/stats');
    await write('{"event_type":"x","agent_id":null,"task_id":null,"metadata":null,"timestamp":null}');
    const shown = await shownText();
    expect(shown).toMatch(
      /^\{"requester_id":"bhiv_core","event_type":"x","agent_id":null,"task_id":null,"metadata":null,"timestamp":"2[^"]*Z"\}$/,
    );
    const { body } = await sendJson(app.port, '/core/stats');
    const { total_events, tracked_agents } = before.body.stats;
    expect(body.stats).toMatchObject({ total_events: total_events + 1, tracked_agents });
  });

  test.each(['agent_id', 'reward'])(
    '4b. null is not there, so a required %s that is null is missing',
    async (field) => {
      const event = { event_type: 'rl_outcome', agent_id: 'a', reward: 1, [field]: null };
      const { status, body } = await postEvent(app.port, JSON.stringify(event));
      expect([status, body.error.code, body.error.details.field]).toEqual([
        400,
        'invalid_event',
        `event_data.${field}`,
      ]);
    },
  );
});

describe('what came as JSON text comes back as the same text', () => {
  test.each([
    [
      'numbers',
      '{"event_type":"x","timestamp":"t","a":12345678901234567890,"b":1.0,"c":-0,"d":1e400,"e":1E+2}',
    ],
    ['the order of keys', '{"zebra":1,"event_type":"x","10":1,"2":2,"apple":{"z":1,"a":2},"timestamp":"t"}'],
    [
      'escapes',
      '{"event_type":"\\u0078","timestamp":"t","s":"\\/\\u00e9\\ud83d\\ude00\\u0000\\ud800 é😀\\n"}',
    ],
    ['white space', '{ "event_type" :\t"x" ,\r\n "timestamp":"t" , "l" : [ 1 , 2 ] }'],
    ['a duplicate key', '{"event_type":"x","timestamp":"t","a":1,"a":2}'],
    ['a duplicate timestamp', '{"event_type":"x","timestamp":"first","timestamp":"second"}'],
    ['__proto__', '{"event_type":"x","timestamp":"t","__proto__":{"admin":true}}'],
    [
      '10,000 levels',
      `{"event_type":"x","timestamp":"t","deep":${'{"a":['.repeat(5000)}${']}'.repeat(5000)}}`,
    ],
  ])('%s', async (_name, event) => {
    await write(event);
    expect(await shownText()).toBe(`{"requester_id":"bhiv_core",${event.slice(1)}`);
  });

  test.each([
    ['a string', '{"event_type":"x","timestamp":"t","requester_id":"me"}'],
    ['twice', '{"requester_id":1,"event_type":"x","timestamp":"t","requester_id":[2]}'],
    ['null', '{"event_type":"x","timestamp":"t","requester_id":null}'],
    ['escaped', '{"event_type":"x","timestamp":"t","requester\\u005fid":"me"}'],
  ])('a requester_id of its own: %s', async (_name, event) => {
    await write(event);
    expect(await shownText()).toBe(event);
  });

  test('of two timestamps the last is null: it alone is replaced', async () => {
    await write('{"event_type":"x","timestamp":"first","timestamp":null,"requester_id":0}');
    expect(await shownText()).toMatch(
      /^\{"event_type":"x","timestamp":"first","timestamp":"2[^"]*Z","requester_id":0\}$/,
    );
  });

  test('of two event_data the last counts, with escapes in its name', async () => {
    const body =
      '{"event_data":{"event_type":"no"},"requester_id":"bhiv_core","event_d\\u0061ta":{"event_type":"yes","n":1.0}}';
    const { status } = await sendJson(app.port, '/core/write-event', { method: 'POST', body });
    expect(status).toBe(200);
    expect(await shownText()).toMatch(/"event_type":"yes","n":1\.0\}$/);
  });
});
