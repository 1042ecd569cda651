import { setTimeout as delay } from 'node:timers/promises';
import type { EventStore } from '../event-store.ts';
import type { Suite } from './harness.ts';
import { recentEvents, sampleEvent, trackedAgents } from './samples.ts';

/** What `append` and `health` promise when the engine does not do its part. */
export function testFailing({ describe, storeTest, expect }: Suite): void {
  describe('an engine that refuses or stalls', () => {
    storeTest('an event that the engine refuses fails alone', async ({ store, refuse }) => {
      await refuse('POISON');
      const appends = Array.from({ length: 30 }, (_, number) => {
        const isPoison = number % 10 === 4;
        return store.append(
          sampleEvent({ agentId: isPoison ? 'p' : 'a', text: isPoison ? '{"x":"POISON"}' : '{}' }),
        );
      });
      const settled = await Promise.allSettled(appends);
      const refused = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(refused.map((error) => error.code)).toEqual(['event_refused', 'event_refused', 'event_refused']);
      expect((await recentEvents(store, 100)).map((event) => event.text)).toEqual(Array(27).fill('{}'));
      expect((await store.context('a'))?.eventCount).toBe(27);
      expect(await trackedAgents(store)).toEqual(['a']);
      expect((await store.health()).state).toBe('healthy');
    });

    storeTest('an event that waits for 2 s is withdrawn and never stored', async ({ store, stall }) => {
      await store.append(sampleEvent({ text: '{"before":1}' }));
      const goOn = await stall();
      const started = performance.now();
      await expect(store.append(sampleEvent({ text: '{"withdrawn":1}' }))).rejects.toMatchObject({
        code: 'engine_unavailable',
      });
      const waited = performance.now() - started;
      expect(waited).toBeGreaterThanOrEqual(1950);
      expect(waited).toBeLessThan(6000);
      await goOn();
      await store.append(sampleEvent({ text: '{"after":1}' }));
      expect((await recentEvents(store, 10)).map((event) => event.text)).toEqual([
        '{"before":1}',
        '{"after":1}',
      ]);
    });

    storeTest('what has waited for less is stored when the engine goes on', async ({ store, stall }) => {
      const goOn = await stall();
      const texts = ['{"a":1}', '{"a":2}', '{"a":3}'];
      const appends = texts.map((text) => store.append(sampleEvent({ text })));
      await delay(300);
      await goOn();
      await Promise.all(appends);
      expect((await recentEvents(store, 10)).map((event) => event.text)).toEqual(texts);
    });

    storeTest('health says that it stalls, and soon', async ({ store, stall }) => {
      expect((await store.health()).state).toBe('healthy');
      const goOn = await stall();
      const append = outcomeOf(store);
      await delay(1200);
      const started = performance.now();
      expect((await store.health()).state).toBe('stalled');
      expect(performance.now() - started).toBeLessThan(3000);
      await goOn();
      await append;
      expect((await store.health()).state).toBe('healthy');
    });

    storeTest(
      'what waits is bounded in bytes',
      async ({ store, stall }) => {
        const goOn = await stall();
        const large = sampleEvent({ text: JSON.stringify({ s: 'x'.repeat(30_000) }) });
        const accepted = [store.append(large), store.append(large), store.append(large)];
        await expect(store.append(large)).rejects.toMatchObject({ code: 'overloaded' });
        await goOn();
        await Promise.all(accepted);
        await store.append(large);
        expect((await store.stats()).totalEvents).toBe(4);
      },
      { maxQueueBytes: 100_000 },
    );
  });
}

function outcomeOf(store: EventStore): Promise<unknown> {
  return store.append(sampleEvent()).then(
    () => 'stored',
    (error: unknown) => error,
  );
}
