import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recentEvents, sampleEvent, trackedAgents } from '../../src/event-store/conformance/samples.ts';
import {
  execute,
  openUnderTest,
  refusingTrigger,
  type SqliteUnderTest,
  slowTrigger,
} from '../helpers/sqlite-under-test.ts';

let underTest: SqliteUnderTest;

beforeEach(async () => {
  underTest = await openUnderTest();
});
afterEach(() => underTest.dispose());

describe('commits of the embedded event store', () => {
  test.each(['ABORT', 'FAIL', 'ROLLBACK'] as const)(
    'RAISE(%s) in a trigger fails its event alone',
    async (kind) => {
      const { store, folder } = underTest;
      execute(folder, refusingTrigger('POISON', kind));
      const texts = ['{"n":0}', '{"n":"POISON 1"}', '{"n":2}', '{"n":"POISON 3"}', '{"n":4}'];
      const settled = await Promise.allSettled(
        texts.map((text) => store.append(sampleEvent({ text, agentId: text }))),
      );
      expect(settled.map((result) => result.status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(settled[1]).toMatchObject({
        reason: { code: 'event_refused', message: expect.stringContaining('refused for a test') },
      });
      expect((await recentEvents(store, 10)).map((event) => event.text)).toEqual([
        '{"n":0}',
        '{"n":2}',
        '{"n":4}',
      ]);
      expect(await trackedAgents(store)).toEqual(['{"n":0}', '{"n":2}', '{"n":4}']);
      expect((await store.stats()).totalEvents).toBe(3);
    },
  );

  test('a refusal in the aggregates leaves nothing of its event', async () => {
    const { store, folder } = underTest;
    execute(
      folder,
      `CREATE TRIGGER no_such_agent BEFORE INSERT ON agents WHEN NEW.agent_id = '"bad"'
       BEGIN SELECT RAISE(ABORT, 'not this agent'); END`,
    );
    const appends = ['good', 'bad', 'good'].map((agentId) => store.append(sampleEvent({ agentId })));
    const settled = await Promise.allSettled(appends);
    expect(settled.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await recentEvents(store, 10)).toHaveLength(2);
    expect((await store.context('good'))?.eventCount).toBe(2);
  });

  test('an event that a commit has taken gets its true outcome however late; one behind it is withdrawn', async () => {
    const { store, folder } = underTest;
    execute(folder, slowTrigger('SLOW', 4000));
    const started = performance.now();
    const slow = store.append(sampleEvent({ text: '{"s":"SLOW"}' }));
    await delay(50); // the commit has taken it
    const behind = store.append(sampleEvent({ text: '{"s":"behind"}' })).catch((error: unknown) => error);
    await delay(1300);
    expect((await store.health()).state).toBe('stalled');
    expect(await behind).toMatchObject({ code: 'engine_unavailable' });
    const withdrawnAfter = performance.now() - started;
    await slow;
    const tookAll = performance.now() - started;
    if (tookAll < 2500)
      throw new Error(`the engine was busy for ${tookAll} ms only: make the trigger slower`);
    expect(withdrawnAfter).toBeLessThan(tookAll);
    expect((await recentEvents(store, 10)).map((event) => event.text)).toEqual(['{"s":"SLOW"}']);
  });

  test('a reader of another program holds no commit', async () => {
    const { store, folder } = underTest;
    await store.append(sampleEvent());
    const BetterSqlite3 = (await import('better-sqlite3')).default;
    const reading = new BetterSqlite3(`${folder}/events.db`, { readonly: true });
    reading.exec('BEGIN');
    reading.prepare('SELECT count(*) FROM events').get();
    await store.append(sampleEvent());
    expect(await recentEvents(store, 10)).toHaveLength(2);
    reading.close();
  });

  test('reads do not wait for a commit that is slow', async () => {
    const { store, folder } = underTest;
    await store.append(sampleEvent({ text: '{"first":1}' }));
    execute(folder, slowTrigger('SLOW', 1000));
    let isStored = false;
    const slow = store.append(sampleEvent({ text: '{"s":"SLOW"}' })).then(() => {
      isStored = true;
    });
    await delay(50);
    expect((await store.context('text_summarizer'))?.eventCount).toBe(1);
    expect(await recentEvents(store, 10)).toHaveLength(1);
    expect(isStored).toBe(false);
    await slow;
  });
});
