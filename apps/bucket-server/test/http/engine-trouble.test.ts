import { checkBucketHealth, checkErrorBody } from '@bhiv/contracts/validators';
import { afterEach, describe, expect, test } from '@jest/globals';
import { sampleEvent } from '../../src/event-store/conformance/samples.ts';
import type { EventStore } from '../../src/event-store/event-store.ts';
import { EventStoreError } from '../../src/event-store/event-store.ts';
import { postEvent, RawConnection, send, sendJson } from '../helpers/http.ts';
import { execute, refusingTrigger, stallCommits } from '../helpers/sqlite-under-test.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

const DYING = new URL('../fixtures/dying-worker.mjs', import.meta.url);

let app: RunningApp;

afterEach(() => app.stop());

describe('a store in trouble', () => {
  test('an event that is not taken within 2 s: 503, and it is not stored; health and readyz say so', async () => {
    app = await startApp();
    const goOn = stallCommits(app.folder);
    const posting = postEvent(app.port, '{"event_type":"x"}');
    // Some 1 s after the event came, and 1 s before it is refused.
    let health = await sendJson(app.port, '/health');
    while (health.body.services.events !== 'stalled') health = await sendJson(app.port, '/health');
    expect([health.status, health.body.status, health.body.services]).toEqual([
      503,
      'degraded',
      { events: 'stalled', artifact_store: 'healthy' },
    ]);
    expect(checkBucketHealth(health.body)).toEqual([]);
    const ready = await sendJson(app.port, '/readyz?for=events');
    expect([ready.status, ready.body.error.code]).toEqual([503, 'engine_unavailable']);
    expect(ready.body.error.details).toEqual({ for: 'events', state: 'stalled' });
    expect((await sendJson(app.port, '/livez')).status).toBe(200);

    const { status, body } = await posting;
    expect([status, body.error.code]).toEqual([503, 'engine_unavailable']);
    expect(body.error.message).toContain('did not take this event within 2000 ms. It is not stored.');
    expect(checkErrorBody(body)).toEqual([]);
    goOn();
    expect((await postEvent(app.port, '{"event_type":"y"}')).status).toBe(200);
    expect((await app.store.recent(1)).count).toBe(1);
    expect((await sendJson(app.port, '/health')).status).toBe(200);
    expect(app.logLines).toContainEqual(expect.objectContaining({ level: 40, code: 'engine_unavailable' }));
  });

  test('an event that the engine refuses: 500, with the reason', async () => {
    app = await startApp();
    execute(app.folder, refusingTrigger('POISON'));
    const { status, body } = await postEvent(app.port, '{"event_type":"POISON"}');
    expect([status, body.error.code]).toEqual([500, 'internal_error']);
    expect(body.error.message).toContain(
      'refused this event (SQLITE_CONSTRAINT_TRIGGER: refused for a test)',
    );
    expect(app.logLines).toContainEqual(expect.objectContaining({ level: 50, status: 500 }));
  });

  test('a store that is closed: 503 shutting_down', async () => {
    app = await startApp();
    await app.store.close();
    for (const path of [
      '/core/events',
      '/core/stats',
      '/core/read-context?agent_id=a&requester_id=bhiv_core',
    ]) {
      const { status, body } = await sendJson(app.port, path);
      expect([status, body.error.code]).toEqual([503, 'shutting_down']);
    }
    expect((await postEvent(app.port, '{"event_type":"x"}')).body.error.code).toBe('shutting_down');
    expect((await sendJson(app.port, '/health')).body.services).toMatchObject({ events: 'unavailable' });
  });

  test('an event of which nobody knows whether it is stored: the connection breaks without an answer', async () => {
    app = await startApp({ workers: { workers: { writer: DYING } } });
    await expect(postEvent(app.port, '{"event_type":"x"}')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(app.logLines).toContainEqual(expect.objectContaining({ level: 50 }));
    const { status, body } = await postEvent(app.port, '{"event_type":"x"}');
    expect([status, body.error.code]).toEqual([503, 'engine_unavailable']);
  });

  test('reads that get no answer: 503', async () => {
    app = await startApp({ workers: { workers: { reader: DYING } } });
    const { status, body } = await sendJson(app.port, '/core/read-context?agent_id=a&requester_id=bhiv_core');
    expect([status, body.error.code]).toEqual([503, 'engine_unavailable']);
  });
});

/** The real store, but its pages fail after the first: a disk that goes bad in the middle cannot be had otherwise. */
function failingAfterFirstPage(store: EventStore): EventStore {
  return {
    ...bound(store),
    async recentShown(limit) {
      const { count, pages } = await store.recentShown(limit);
      async function* failing() {
        for await (const page of pages) {
          yield page;
          throw new EventStoreError('engine_unavailable', 'the disk went bad');
        }
      }
      return { count, pages: failing() };
    },
  };
}

function bound(store: EventStore): EventStore {
  return {
    append: (event) => store.append(event),
    recent: (limit) => store.recent(limit),
    recentShown: (limit) => store.recentShown(limit),
    context: (agentId) => store.context(agentId),
    stats: () => store.stats(),
    health: () => store.health(),
    close: () => store.close(),
  };
}

describe('an answer that is streamed', () => {
  const large = sampleEvent({ text: JSON.stringify({ event_type: 'large', s: 'x'.repeat(1_000_000) }) });

  test('breaks where the store fails in the middle, and never looks whole', async () => {
    const other = await startApp();
    app = await startApp({ store: failingAfterFirstPage(other.store) });
    for (let number = 0; number < 3; number += 1) await other.store.append(large);
    await expect(send(app.port, '/core/events')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(app.logLines).toContainEqual(expect.objectContaining({ level: 50 }));
    await other.stop();
  });

  test('a fault that nobody foresaw: 500, and the log says more', async () => {
    const other = await startApp();
    app = await startApp({
      store: { ...bound(other.store), stats: () => Promise.reject(new TypeError('a fault for a test')) },
    });
    const { status, body } = await sendJson(app.port, '/core/stats');
    expect([status, body.error]).toEqual([
      500,
      {
        code: 'internal_error',
        message: 'Bucket has a fault; its log says more: tell whoever runs it.',
        details: {},
      },
    ]);
    expect(JSON.stringify(app.logLines)).toContain('a fault for a test');
    await other.stop();
  });

  test('a client that stops reading is cut off', async () => {
    app = await startApp({ limits: { stalledReaderMs: 300 } });
    for (let number = 0; number < 30; number += 1) void app.store.append(large);
    await app.store.append(large);
    const connection = new RawConnection(app.port);
    connection.socket.pause();
    connection.write('GET /core/events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    while (!app.logLines.some((line) => line.msg === 'client went away')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    connection.socket.resume();
    const text = await connection.closed();
    expect(text.length).toBeLessThan(31_000_000);
  });

  test('a client that goes away in the middle leaves a line at debug', async () => {
    app = await startApp();
    for (let number = 0; number < 30; number += 1) void app.store.append(large);
    await app.store.append(large);
    const connection = new RawConnection(app.port).write(
      'GET /core/events HTTP/1.1\r\nHost: localhost\r\n\r\n',
    );
    await connection.until('{"events":[');
    connection.socket.destroy();
    while (!app.logLines.some((line) => line.msg === 'client went away')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await sendJson(app.port, '/livez')).status).toBe(200);
  });

  test('1000 large events come whole', async () => {
    app = await startApp();
    const text = JSON.stringify({ event_type: 'large', s: 'x'.repeat(50_000) });
    await Promise.all(Array.from({ length: 1000 }, () => app.store.append(sampleEvent({ text }))));
    const { body } = await sendJson(app.port, '/core/events?limit=1000');
    expect([body.showing, body.events.length, body.events[999].s.length]).toEqual([1000, 1000, 50_000]);
  });
});
