import {
  checkBucketHealth,
  checkErrorBody,
  checkEventsResponse,
  checkReadContextResponse,
  checkStatsResponse,
} from '@bhiv/contracts/validators';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleEvent } from '../../src/event-store/conformance/samples.ts';
import { postEvent, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

describe('a Bucket without events', () => {
  test('shows none', async () => {
    const app = await startApp();
    const answers = [];
    for (const path of [
      '/core/events',
      '/core/stats',
      '/core/read-context?agent_id=a&requester_id=bhiv_core',
    ]) {
      answers.push((await sendJson(app.port, path)).body);
    }
    expect(answers).toEqual([
      { events: [], count: 0, showing: 0 },
      {
        stats: { total_events: 0, agents_with_context: 0, tracked_agents: [] },
        integration_status: 'active',
      },
      { success: true, context: null },
    ]);
    await app.stop();
  });
});

describe('a parameter that is not percent-encoded UTF-8', () => {
  test('is refused and never taken for another agent', async () => {
    const app = await startApp();
    for (const agentId of ['\ufffd', '%', '%zz', '\ufeff', 'a b'])
      await app.store.append(sampleEvent({ agentId }));
    const read = (agentId: string) =>
      sendJson(app.port, `/core/read-context?agent_id=${agentId}&requester_id=bhiv_core`);
    for (const malformed of ['%FF', '%', '%zz', 'a%C3', '%ED%A0%80', '%e9x']) {
      const { status, body } = await read(malformed);
      expect([status, body.error.code, body.error.details]).toEqual([
        400,
        'invalid_parameter',
        { field: 'agent_id', value: JSON.stringify(malformed) },
      ]);
    }
    for (const [encoded, agentId] of [
      ['%EF%BF%BD', '\ufffd'],
      ['%25', '%'],
      ['%25zz', '%zz'],
      ['%EF%BB%BF', '\ufeff'],
      ['a+b', 'a b'],
      ['a%20b', 'a b'],
    ]) {
      expect((await read(encoded ?? '')).body.context.agent_id).toBe(agentId);
    }
    await app.stop();
  });
});

describe('a Bucket with 1,100 events', () => {
  let app: RunningApp;

  beforeAll(async () => {
    app = await startApp();
    for (let number = 0; number < 1088; number += 1) {
      void app.store.append(
        sampleEvent({ agentId: 'early', text: `{"event_type":"early","number":${number}}` }),
      );
    }
    await app.store.append(sampleEvent({ agentId: 'early' }));
    for (const type of ['a', 'b', 'a', 'c', 'b', 'a', 'd', 'a', 'a', 'b', 'c']) {
      await postEvent(app.port, `{"event_type":"${type}","agent_id":"Ä & ü","timestamp":"at ${type}"}`);
    }
  });
  afterAll(() => app.stop());

  describe('GET /core/events', () => {
    test('shows the newest 100, oldest first, and counts all', async () => {
      const { status, body, headers } = await sendJson(app.port, '/core/events');
      expect([status, body.count, body.showing, body.events.length]).toEqual([200, 1100, 100, 100]);
      expect(checkEventsResponse(body)).toEqual([]);
      expect(body.events.at(-1)).toEqual({
        requester_id: 'bhiv_core',
        event_type: 'c',
        agent_id: 'Ä & ü',
        timestamp: 'at c',
      });
      expect(body.events[0].number).toBe(1000);
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
    });

    test.each([1, 2, 999, 1000])('limit=%i', async (limit) => {
      const { body } = await sendJson(app.port, `/core/events?limit=${limit}`);
      expect([body.count, body.showing, body.events.length]).toEqual([1100, limit, limit]);
      expect(body.events.at(-1).event_type).toBe('c');
    });

    test.each([
      ['0', '"0"'],
      ['1001', '"1001"'],
      ['-1', '"-1"'],
      ['x', '"x"'],
      ['1.5', '"1.5"'],
      ['', '""'],
      ['1e2', '"1e2"'],
      ['%2010', '" 10"'],
      ['0x10', '"0x10"'],
      ['99999999999999999999', '"99999999999999999999"'],
    ])('limit=%s is refused', async (limit, value) => {
      const { status, body } = await sendJson(app.port, `/core/events?limit=${limit}`);
      expect(status).toBe(400);
      expect(body.error).toEqual({
        code: 'invalid_limit',
        message: `The parameter limit is ${value} but must be an integer from 1 to 1000: send one, or leave it out for 100.`,
        details: { field: 'limit', value },
      });
    });

    test('limit given twice is refused', async () => {
      const { status, body } = await sendJson(app.port, '/core/events?limit=1&limit=1');
      expect([status, body.error.code]).toEqual([400, 'invalid_limit']);
      expect(body.error.message).toBe('The parameter limit is given 2 times: give it once.');
    });

    test('parameters that nobody knows are let pass', async () => {
      expect((await sendJson(app.port, '/core/events?limit=1&since=x')).status).toBe(200);
    });
  });

  describe('GET /core/read-context', () => {
    const path = '/core/read-context';
    const agent = encodeURIComponent('Ä & ü');

    test('the distinct types of the last 10 events, in the order of first appearance', async () => {
      const { status, body } = await sendJson(app.port, `${path}?agent_id=${agent}&requester_id=bhiv_core`);
      expect(status).toBe(200);
      expect(body).toEqual({
        success: true,
        context: {
          agent_id: 'Ä & ü',
          event_count: 11,
          last_updated: 'at c',
          recent_event_types: ['b', 'a', 'c', 'd'],
        },
      });
      expect(checkReadContextResponse(body)).toEqual([]);
    });

    test('an agent without events', async () => {
      const { status, body } = await sendJson(app.port, `${path}?requester_id=bhiv_core&agent_id=nobody`);
      expect([status, body]).toEqual([200, { success: true, context: null }]);
    });

    test('the empty string is an agent', async () => {
      expect((await sendJson(app.port, `${path}?agent_id=&requester_id=bhiv_core`)).body.context).toBe(null);
      await postEvent(app.port, '{"event_type":"x","agent_id":""}');
      const { body } = await sendJson(app.port, `${path}?agent_id=&requester_id=bhiv_core`);
      expect(body.context).toMatchObject({ agent_id: '', event_count: 1 });
    });

    test.each([
      ['no requester', 'agent_id=a', 403, 'requester_not_allowed', 'requester_id is missing but'],
      [
        'nothing at all: the requester comes first',
        '',
        403,
        'requester_not_allowed',
        'requester_id is missing',
      ],
      [
        'another requester',
        'agent_id=a&requester_id=evil',
        403,
        'requester_not_allowed',
        'requester_id is "evil" but only "bhiv_core"',
      ],
      ['another requester and no agent', 'requester_id=evil', 403, 'requester_not_allowed', '"evil"'],
      [
        'no agent',
        'requester_id=bhiv_core',
        400,
        'missing_parameter',
        'The parameter agent_id is missing: add it',
      ],
      [
        'two agents',
        'requester_id=bhiv_core&agent_id=a&agent_id=b',
        400,
        'invalid_parameter',
        'agent_id is given 2 times',
      ],
      [
        'two requesters',
        'requester_id=bhiv_core&requester_id=x&agent_id=a',
        400,
        'invalid_parameter',
        'requester_id is given 2 times',
      ],
    ])('%s', async (_name, query, status, code, message) => {
      const reply = await sendJson(app.port, `${path}?${query}`);
      expect([reply.status, reply.body.error.code]).toEqual([status, code]);
      expect(reply.body.error.message).toContain(message);
      expect(checkErrorBody(reply.body)).toEqual([]);
    });
  });

  test('GET /core/stats', async () => {
    const { status, body } = await sendJson(app.port, '/core/stats');
    expect(status).toBe(200);
    expect(checkStatsResponse(body)).toEqual([]);
    expect(body.integration_status).toBe('active');
    expect(body.stats.tracked_agents.slice(0, 2)).toEqual(['early', 'Ä & ü']);
    expect(body.stats.agents_with_context).toBe(body.stats.tracked_agents.length);
  });

  test('GET /health', async () => {
    const { status, body } = await sendJson(app.port, '/health');
    const { totalEvents, trackedAgents } = await app.store.stats();
    expect([status, body]).toEqual([
      200,
      {
        status: 'healthy',
        bucket_version: '1.0.0',
        core_integration: { status: 'active', events_received: totalEvents, agents_tracked: trackedAgents },
        services: { events: 'healthy', artifact_store: 'healthy' },
      },
    ]);
    expect(checkBucketHealth(body)).toEqual([]);
  });

  test('GET /livez and /readyz', async () => {
    expect(await sendJson(app.port, '/livez')).toMatchObject({ status: 200, body: { status: 'alive' } });
    expect(await sendJson(app.port, '/readyz?for=events')).toMatchObject({
      status: 200,
      body: { status: 'ready' },
    });
  });

  test.each([
    [
      '',
      400,
      'missing_parameter',
      'The parameter for is missing: say which half you mean, for=events or for=artifacts.',
    ],
    [
      '?for=everything',
      400,
      'invalid_parameter',
      'The parameter for is "everything", which is no half of Bucket: send for=events or for=artifacts.',
    ],
    [
      '?for=',
      400,
      'invalid_parameter',
      'The parameter for is "", which is no half of Bucket: send for=events or for=artifacts.',
    ],
    ['?for=events&for=events', 400, 'invalid_parameter', 'The parameter for is given 2 times: give it once.'],
  ])('GET /readyz%s is refused', async (query, status, code, message) => {
    const reply = await sendJson(app.port, `/readyz${query}`);
    expect([reply.status, reply.body.error.code, reply.body.error.message]).toEqual([status, code, message]);
  });
});
