import type { Suite } from './harness.ts';
import { recentEvents, sampleEvent, trackedAgents } from './samples.ts';

/** What outlives a store, and what `close` promises. */
export function testClosing({ describe, storeTest, expect }: Suite): void {
  describe('close', () => {
    storeTest('everything is there after opening anew, and counting goes on', async ({ store, reopen }) => {
      for (const agentId of ['a', 'b', 'a'])
        await store.append(sampleEvent({ agentId, eventType: `of ${agentId}` }));
      const before = await recentEvents(store, 10);
      const again = await reopen();
      expect(await recentEvents(again, 10)).toEqual(before);
      expect(await trackedAgents(again)).toEqual(['a', 'b']);
      await again.append(sampleEvent({ agentId: 'a', eventType: 'new' }));
      expect((await again.context('a'))?.lastEventTypes).toEqual(['of a', 'of a', 'new']);
      expect((await again.stats()).totalEvents).toBe(4);
    });

    storeTest('what was accepted before is stored', async ({ store, reopen }) => {
      const appends = Promise.all(Array.from({ length: 50 }, () => store.append(sampleEvent())));
      const again = await reopen();
      await appends;
      expect((await again.stats()).totalEvents).toBe(50);
    });

    storeTest('afterwards everything is refused, and health says so', async ({ store }) => {
      await Promise.all([store.close(), store.close()]);
      await store.close();
      const closed = { code: 'closed' };
      await expect(store.append(sampleEvent())).rejects.toMatchObject(closed);
      await expect(store.recent(1)).rejects.toMatchObject(closed);
      await expect(store.context('a')).rejects.toMatchObject(closed);
      await expect(store.stats()).rejects.toMatchObject(closed);
      expect((await store.health()).state).toBe('unavailable');
    });
  });
}
