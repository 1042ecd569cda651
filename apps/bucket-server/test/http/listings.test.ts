import { setTimeout as delay } from 'node:timers/promises';
import { checkErrorBody } from '@bhiv/contracts/validators';
import { afterEach, describe, expect, test } from '@jest/globals';
import { sampleEvent } from '../../src/event-store/conformance/samples.ts';
import { RawConnection, send, sendJson } from '../helpers/http.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

afterEach(() => app.stop());

async function appendLarge(count: number): Promise<void> {
  const large = sampleEvent({ text: JSON.stringify({ event_type: 'large', s: 'x'.repeat(1_000_000) }) });
  for (let number = 0; number < count; number += 1) await app.store.append(large);
}

/** A reader that asks for all events and takes none of the answer. */
function stalledReader(port: number): RawConnection {
  const connection = new RawConnection(port);
  connection.socket.pause();
  return connection.write('GET /core/events?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n');
}

const CONTEXT = '/core/read-context?agent_id=text_summarizer&requester_id=bhiv_core';

describe('listings that run at one time', () => {
  test('are so many at most; one more waits a moment, then 503 with the figures; the rest goes on', async () => {
    app = await startApp({ limits: { listings: 2, listingWaitMs: 100 } });
    await appendLarge(20);
    const stalled = [stalledReader(app.port), stalledReader(app.port)];
    await delay(300);
    const { status, body } = await sendJson(app.port, '/core/events?limit=1');
    expect([status, body.error.code, body.error.details]).toEqual([
      503,
      'overloaded',
      { limit: 2, waited_ms: 100 },
    ]);
    expect(checkErrorBody(body)).toEqual([]);
    expect((await send(app.port, CONTEXT)).status).toBe(200);
    expect((await send(app.port, '/core/stats')).status).toBe(200);
    for (const connection of stalled) connection.socket.destroy();
    await delay(100);
    expect((await send(app.port, '/core/events?limit=1')).status).toBe(200);
  });

  test('one that waits gets the place of one that ends', async () => {
    app = await startApp({ limits: { listings: 1, listingWaitMs: 20_000 } });
    await appendLarge(20);
    const stalled = stalledReader(app.port);
    await delay(300);
    const waiting = send(app.port, '/core/events?limit=1');
    await delay(100);
    stalled.socket.destroy();
    expect((await waiting).status).toBe(200);
  });

  test('readers that stall give their places back', async () => {
    app = await startApp({ limits: { listings: 2, listingWaitMs: 20_000, stalledReaderMs: 300 } });
    await appendLarge(20);
    const stalled = [stalledReader(app.port), stalledReader(app.port), stalledReader(app.port)];
    const { body } = await sendJson(app.port, '/core/events?limit=1');
    expect(body.showing).toBe(1);
    for (const connection of stalled) connection.socket.destroy();
  });
});
