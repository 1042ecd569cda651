import { showEvent } from '../../events/show-event.ts';
import type { EventStore } from '../event-store.ts';
import type { Suite } from './harness.ts';
import { recentEvents, sampleEvent, trackedAgents } from './samples.ts';

/** A page may hold this much, in characters of `text`, and one event more. */
const PAGE_CHARACTERS = 256 * 1024;

/** What `recent`, `context` and `stats` promise. */
export function testReading({ describe, storeTest, expect }: Suite): void {
  describe('recent', () => {
    storeTest('an empty store shows nothing', async ({ store }) => {
      expect(await recentEvents(store, 10)).toEqual([]);
      expect((await store.recent(10)).count).toBe(0);
    });

    storeTest('the newest events come, oldest first, and the count is of all', async ({ store }) => {
      await appendNumbered(store, 2500);
      expect(numbersOf(await recentEvents(store, 3))).toEqual([2497, 2498, 2499]);
      expect(numbersOf(await recentEvents(store, 1000))).toEqual(range(1500, 2500));
      expect(numbersOf(await recentEvents(store, 2500))).toEqual(range(0, 2500));
      expect(numbersOf(await recentEvents(store, 9999))).toEqual(range(0, 2500));
      expect((await store.recent(3)).count).toBe(2500);
    });

    storeTest('what is appended while the pages are read does not show', async ({ store }) => {
      await appendNumbered(store, 5);
      const { count, pages } = await store.recent(100);
      await appendNumbered(store, 3);
      const events = [];
      for await (const page of pages) events.push(...page);
      expect([count, events.length]).toEqual([5, 5]);
    });

    storeTest('large events come in pages of bounded size', async ({ store }) => {
      const text = JSON.stringify({ event_type: 'large', s: 'x'.repeat(400_000) });
      for (let number = 0; number < 9; number += 1) await store.append(sampleEvent({ text }));
      const { pages } = await store.recent(9);
      let events = 0;
      for await (const page of pages) {
        const characters = page.reduce((sum, event) => sum + event.text.length, 0);
        expect(characters).toBeLessThan(PAGE_CHARACTERS + text.length + 1);
        events += page.length;
      }
      expect(events).toBe(9);
    });

    storeTest('recentShown gives the same events, as texts, in pages of bounded size', async ({ store }) => {
      const texts = range(0, 9).map(
        (number) => `{"event_type":"é","n":${number},"s":"${'x'.repeat(100_000)}"}`,
      );
      for (const text of texts) await store.append(sampleEvent({ text }));
      const { count, pages } = await store.recentShown(8);
      const shown: string[] = [];
      for await (const { events, json } of pages) {
        expect(json.length).toBeLessThan(PAGE_CHARACTERS + 101_000);
        const text = new TextDecoder().decode(json);
        expect(JSON.parse(`[${text}]`).length).toBe(events);
        shown.push(text);
      }
      const expected = (await recentEvents(store, 8)).map((event) => showEvent(event));
      expect([count, shown.join(',')]).toEqual([9, expected.join(',')]);
    });

    storeTest('recentShown of an empty store shows nothing', async ({ store }) => {
      const { count, pages } = await store.recentShown(10);
      for await (const page of pages) expect(page).toBe('no page at all');
      expect(count).toBe(0);
    });
  });

  describe('context', () => {
    storeTest('an agent without events has none', async ({ store }) => {
      await store.append(sampleEvent({ agentId: 'somebody' }));
      expect(await store.context('nobody')).toBe(null);
      expect(await store.context('')).toBe(null);
    });

    storeTest(
      'the last ten types are remembered, oldest first, and the last timestamp as it came',
      async ({ store }) => {
        for (let number = 0; number < 13; number += 1) {
          await store.append(sampleEvent({ eventType: `type_${number % 4}`, timestamp: `moment ${number}` }));
        }
        expect(await store.context('text_summarizer')).toEqual({
          eventCount: 13,
          lastTimestamp: 'moment 12',
          lastEventTypes: [3, 0, 1, 2, 3, 0, 1, 2, 3, 0].map((number) => `type_${number}`),
        });
      },
    );
  });

  describe('stats', () => {
    storeTest('agents come in the order of their first event', async ({ store }) => {
      for (const agentId of ['c', 'a', 'c', 'b', 'a']) await store.append(sampleEvent({ agentId }));
      expect(await trackedAgents(store)).toEqual(['c', 'a', 'b']);
    });

    storeTest('more agents than a page holds', async ({ store }) => {
      const ids = range(0, 2300).map((number) => `agent ${number}`);
      await Promise.all(ids.map((agentId) => store.append(sampleEvent({ agentId }))));
      expect((await trackedAgents(store)).toSorted()).toEqual(ids.toSorted());
    });
  });
}

async function appendNumbered(store: EventStore, count: number): Promise<void> {
  const texts = range(0, count).map((number) => `{"event_type":"x","number":${number}}`);
  await Promise.all(texts.map((text) => store.append(sampleEvent({ text }))));
}

function numbersOf(events: readonly { readonly text: string }[]): number[] {
  return events.map((event) => Number(/\d+/.exec(event.text)?.[0]));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
