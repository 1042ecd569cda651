import { setTimeout as delay } from 'node:timers/promises';
import type { Suite } from './harness.ts';
import { AWKWARD_STRINGS, AWKWARD_TEXTS, recentEvents, sampleEvent, trackedAgents } from './samples.ts';

/** What `append` promises while the engine works. */
export function testAppending({ describe, storeTest, expect }: Suite): void {
  describe('append', () => {
    storeTest('every later read shows an event that was appended', async ({ store }) => {
      const event = sampleEvent();
      await store.append(event);
      expect(await recentEvents(store, 10)).toEqual([event]);
      expect((await store.recent(10)).count).toBe(1);
      expect(await trackedAgents(store)).toEqual(['text_summarizer']);
      const { totalEvents, trackedAgents: agents } = await store.stats();
      expect([totalEvents, agents]).toEqual([1, 1]);
      expect(await store.context('text_summarizer')).toEqual({
        eventCount: 1,
        lastTimestamp: '2026-01-29T10:29:59Z',
        lastEventTypes: ['heartbeat'],
      });
    });

    storeTest('event_data comes back character for character', async ({ store }) => {
      for (const text of AWKWARD_TEXTS) await store.append(sampleEvent({ text }));
      const texts = (await recentEvents(store, 100)).map((event) => event.text);
      expect(texts).toEqual(AWKWARD_TEXTS);
    });

    storeTest('any string is legal in every field and comes back as it was', async ({ store }) => {
      const events = AWKWARD_STRINGS.map((value) =>
        sampleEvent({ requesterId: value, agentId: value, eventType: value, timestamp: value }),
      );
      for (const event of events) await store.append(event);
      expect(await recentEvents(store, 100)).toEqual(events);
    });

    storeTest('no two different agent ids become one', async ({ store }) => {
      await Promise.all(
        AWKWARD_STRINGS.map((agentId) => store.append(sampleEvent({ agentId, eventType: agentId }))),
      );
      expect(new Set(await trackedAgents(store))).toEqual(new Set(AWKWARD_STRINGS));
      for (const agentId of AWKWARD_STRINGS) {
        const memory = await store.context(agentId);
        expect([memory?.eventCount, memory?.lastEventTypes]).toEqual([1, [agentId]]);
      }
    });

    storeTest('an event about no agent counts, and makes no agent', async ({ store }) => {
      await store.append(sampleEvent({ agentId: null }));
      expect((await store.stats()).totalEvents).toBe(1);
      expect(await trackedAgents(store)).toEqual([]);
      expect((await recentEvents(store, 1))[0]?.agentId).toBe(null);
    });

    storeTest('an event of 5 MiB is an event', async ({ store }) => {
      const text = JSON.stringify({ event_type: 'large', s: 'é'.repeat(2.5 * 1024 * 1024) });
      await store.append(sampleEvent({ text }));
      expect((await recentEvents(store, 1))[0]?.text === text).toBe(true);
    });

    storeTest(
      'appends of many callers at once are all stored, once, and counted exactly',
      async ({ store }) => {
        const events = Array.from({ length: 700 }, (_, number) =>
          sampleEvent({ agentId: `agent_${number % 7}`, text: `{"event_type":"x","number":${number}}` }),
        );
        await Promise.all(
          events.map(async (event, index) => {
            await delay(index % 20); // so that they fall into several commits
            await store.append(event);
          }),
        );
        const texts = (await recentEvents(store, 1000)).map((event) => event.text);
        expect(texts.toSorted()).toEqual(events.map((event) => event.text).toSorted());
        const counts = await Promise.all(
          [0, 1, 2, 3, 4, 5, 6].map((number) => store.context(`agent_${number}`)),
        );
        expect(counts.map((memory) => memory?.eventCount)).toEqual([100, 100, 100, 100, 100, 100, 100]);
        const { totalEvents, trackedAgents: agents } = await store.stats();
        expect([totalEvents, agents]).toEqual([700, 7]);
      },
    );
  });
}
