import { afterEach, describe, expect, test } from '@jest/globals';
import { sampleEvent } from '../../src/event-store/conformance/samples.ts';
import { WorkerClient } from '../../src/threads/worker-client.ts';
import { openUnderTest, type SqliteUnderTest } from '../helpers/sqlite-under-test.ts';

const DYING = new URL('../fixtures/dying-worker.mjs', import.meta.url);

let underTest: SqliteUnderTest | undefined;

afterEach(async () => {
  await underTest?.dispose();
  underTest = undefined;
});

describe('a worker thread that dies', () => {
  test('the events of the running commit have an unknown outcome; later ones are refused; health says so', async () => {
    const deaths: string[] = [];
    underTest = await openUnderTest({
      workers: { writer: DYING },
      onWorkerDeath: (error) => deaths.push(error.message),
    });
    const { store } = underTest;
    const first = await Promise.allSettled([store.append(sampleEvent()), store.append(sampleEvent())]);
    const unknown = {
      status: 'rejected',
      reason: { code: 'outcome_unknown', reason: expect.stringContaining('died') },
    };
    expect(first).toMatchObject([unknown, unknown]);
    await expect(store.append(sampleEvent())).rejects.toMatchObject({ code: 'engine_unavailable' });
    expect((await store.health()).state).toBe('unavailable');
    expect((await store.recent(1)).count).toBe(0);
    expect(deaths).toHaveLength(1);
    expect(deaths[0]).toContain('died at commit');
  });

  test('without the reader, reads are refused, writes go on, and health says so', async () => {
    const deaths: string[] = [];
    underTest = await openUnderTest({
      workers: { reader: DYING },
      onWorkerDeath: (error) => deaths.push(error.message),
    });
    const { store } = underTest;
    expect((await store.health()).state).toBe('unavailable');
    await expect(store.context('a')).rejects.toMatchObject({ code: 'engine_unavailable' });
    await store.append(sampleEvent());
    expect((await store.health()).state).toBe('unavailable');
    expect(deaths[0]).toContain('died at totals');
  });

  test('a read that gets no answer is given up after 2 s', async () => {
    underTest = await openUnderTest({ workers: { reader: DYING } });
    const { store } = underTest;
    const started = performance.now();
    await expect(store.context('a')).rejects.toMatchObject({ code: 'engine_unavailable' });
    expect(performance.now() - started).toBeGreaterThanOrEqual(1950);
  });

  test('no more than 1000 reads wait', async () => {
    underTest = await openUnderTest({ workers: { reader: DYING } });
    const { store } = underTest;
    const reads = await Promise.allSettled(Array.from({ length: 1001 }, () => store.context('a')));
    expect(reads.at(-1)).toMatchObject({ reason: { code: 'overloaded' } });
    expect(reads.at(-2)).toMatchObject({ reason: { code: 'engine_unavailable' } });
  });

  test('a worker that was ended on purpose tells nobody', async () => {
    const deaths: Error[] = [];
    const client = WorkerClient.start<{ open: () => void; silent: () => void }>(DYING, (error) =>
      deaths.push(error),
    );
    await client.call('open');
    const silent = client.call('silent');
    const settled = expect(silent).rejects.toMatchObject({ name: 'WorkerGoneError' });
    await client.terminate();
    await settled;
    await expect(client.call('open')).rejects.toMatchObject({ code: 'worker_gone' });
    expect(deaths).toEqual([]);
  });
});
