import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { EventStoreError } from '../../src/event-store/event-store.ts';
import { type CommitResult, GroupCommit } from '../../src/event-store/group-commit.ts';

const COMMITTED: CommitResult = { outcome: 'committed', refused: new Map() };

/** A group commit of numbers that weigh themselves, and the batches that it has handed over. */
function groupCommit(commit: (batch: readonly number[]) => Promise<CommitResult>, takeWithinMs = 2000) {
  const batches: number[][] = [];
  const queue = new GroupCommit<number>({
    commit: (batch) => {
      batches.push([...batch]);
      return commit(batch);
    },
    weigh: (item) => item,
    maxBatchItems: 3,
    maxBatchBytes: 100,
    maxQueueBytes: 1000,
    takeWithinMs,
  });
  return { queue, batches };
}

describe('group commit', () => {
  test('what arrives while a commit runs goes into the next one, in order', async () => {
    const { queue, batches } = groupCommit(async () => {
      await delay(20);
      return COMMITTED;
    });
    const first = queue.add(1);
    await delay(5);
    await Promise.all([first, queue.add(2), queue.add(3)]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  test('a batch is bounded in items and in bytes, and takes one large item by itself', async () => {
    const { queue, batches } = groupCommit(async () => COMMITTED);
    await Promise.all([1, 2, 3, 4, 60, 50, 500, 5].map((item) => queue.add(item)));
    expect(batches).toEqual([[1, 2, 3], [4, 60], [50], [500], [5]]);
  });

  test('the queue is bounded in bytes, the running batch included, and exact about it', async () => {
    const { queue } = groupCommit(async () => COMMITTED);
    const adds = [queue.add(400), queue.add(600)];
    await expect(queue.add(1)).rejects.toMatchObject({ code: 'overloaded' });
    await Promise.all(adds);
    await queue.add(1000);
    await expect(queue.add(1001)).rejects.toMatchObject({ code: 'overloaded' });
  });

  test('a refused item fails alone; a failed batch fails whole', async () => {
    const refused = new EventStoreError('event_refused', 'not this one');
    const failed = new EventStoreError('disk_full', 'no room');
    const { queue } = groupCommit(async (batch) =>
      batch.includes(9)
        ? { outcome: 'failed', error: failed }
        : { outcome: 'committed', refused: new Map([[1, refused]]) },
    );
    const settled = await Promise.allSettled([1, 2, 3, 9, 4].map((item) => queue.add(item)));
    expect(settled.map((result) => (result.status === 'rejected' ? result.reason : 'stored'))).toEqual([
      'stored',
      refused,
      'stored',
      failed,
      failed,
    ]);
  });

  test('a commit that rejects leaves the outcome unknown, and the next one is tried', async () => {
    let calls = 0;
    const { queue } = groupCommit(async () => {
      calls += 1;
      if (calls === 1) throw new Error('gone');
      return COMMITTED;
    });
    await expect(queue.add(1)).rejects.toMatchObject({ code: 'outcome_unknown', reason: 'Error: gone' });
    await queue.add(2);
  });

  test('a batch that was not begun keeps its place', async () => {
    let calls = 0;
    const { queue, batches } = groupCommit(async () => {
      calls += 1;
      await delay(5);
      return calls === 1 ? { outcome: 'not_begun' } : COMMITTED;
    });
    const first = queue.add(1);
    await delay(2);
    await Promise.all([first, queue.add(2)]);
    expect(batches).toEqual([[1], [1, 2]]);
  });

  test('an item that no commit takes in time is withdrawn; one that a commit has taken is not', async () => {
    let finish = (_result: CommitResult) => {};
    const { queue, batches } = groupCommit(() => new Promise((resolve) => (finish = resolve)), 100);
    const taken = queue.add(1);
    await delay(20);
    const started = performance.now();
    await expect(queue.add(2)).rejects.toMatchObject({ code: 'engine_unavailable' });
    expect(performance.now() - started).toBeGreaterThanOrEqual(95);
    expect(queue.oldestWaitMs).toBeGreaterThanOrEqual(95);
    finish(COMMITTED);
    await taken;
    await queue.drained();
    expect(batches).toEqual([[1]]);
    expect(queue.oldestWaitMs).toBe(0);
  });

  test('an item that is never begun is withdrawn although it keeps being tried', async () => {
    const { queue } = groupCommit(async () => {
      await delay(10);
      return { outcome: 'not_begun' };
    }, 100);
    await expect(queue.add(1)).rejects.toMatchObject({ code: 'engine_unavailable' });
    await queue.drained();
  });

  test('drained resolves at once when nothing waits, else after the last commit', async () => {
    const { queue } = groupCommit(async () => COMMITTED);
    await queue.drained();
    let isStored = false;
    void queue.add(1).then(() => {
      isStored = true;
    });
    await queue.drained();
    expect(isStored).toBe(true);
  });
});
