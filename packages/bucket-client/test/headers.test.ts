import { describe, expect, test } from '@jest/globals';
import { BucketClient, type BucketClientOptions } from '../src/index.ts';
import { client, httpAnswer, sleep, tcpServer, until } from './support.ts';

/** A Bucket that remembers the Authorization header of each request. */
async function recorder() {
  const seen: Array<string | undefined> = [];
  const url = await tcpServer((socket) =>
    socket.on('data', (data) => {
      seen.push(/^authorization: (.*)$/im.exec(String(data))?.[1]);
      socket.write(httpAnswer(200, '{"success": true, "context": null}'));
    }),
  );
  return { url, seen };
}

const make = (url: string, headers: BucketClientOptions['headers']) =>
  client({ url, headers: headers ?? {}, maxConcurrency: 1, thread: 'main' });

describe('headers', () => {
  test('of a record go with writes and reads', async () => {
    const { url, seen } = await recorder();
    const it = make(url, { Authorization: 'Bearer one' });
    it.writeEvent({ event_type: 'x' });
    await it.flush();
    await it.readContext('a');
    expect(seen).toEqual(['Bearer one', 'Bearer one']);
  });

  test('of a function rotate: it is asked again when its answer is a second old', async () => {
    const { url, seen } = await recorder();
    let asked = 0;
    const it = make(url, () => ({ Authorization: `Bearer ${++asked}` }));
    for (let i = 0; i < 5; i++) it.writeEvent({ event_type: 'x' });
    await it.flush();
    expect(asked).toBe(1);
    await sleep(1100);
    it.writeEvent({ event_type: 'x' });
    await it.flush();
    expect(seen).toEqual([...Array(5).fill('Bearer 1'), 'Bearer 2']);
  });

  test('of a promise are waited for by reads, and the answer to the newest question wins', async () => {
    const { url, seen } = await recorder();
    let asked = 0;
    const it = make(url, async () => {
      const turn = ++asked;
      await sleep(turn === 2 ? 1500 : 50);
      return { Authorization: `Bearer ${turn}` };
    });
    await it.readContext('a');
    expect(seen).toEqual(['Bearer 1']);
    await sleep(1100);
    await it.readContext('a');
    await sleep(1100);
    it.writeEvent({ event_type: 'x' });
    await sleep(1000);
    await it.readContext('a');
    expect(seen.at(-1)).toBe('Bearer 3');
  });

  test('of a Headers object are taken too', async () => {
    const { url, seen } = await recorder();
    const it = make(url, new Headers({ Authorization: 'Bearer h' }) as never);
    it.writeEvent({ event_type: 'x' });
    await it.flush();
    expect(seen).toEqual(['Bearer h']);
  });

  test('of a promise are waited for, and the caller is not', async () => {
    const { url, seen } = await recorder();
    const it = make(url, async () => {
      await sleep(200);
      return { Authorization: 'Bearer late' };
    });
    it.writeEvent({ event_type: 'x' });
    await sleep(50);
    expect(seen).toEqual([]);
    await it.flush();
    expect(seen).toEqual(['Bearer late']);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no token');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no token'))],
    ['gives no record', () => 'Bearer x'],
    ['gives a list', () => ['Bearer x']],
    ['gives a number', () => ({ Authorization: 7 })],
    ['gives what HTTP cannot carry', () => ({ Authorization: 'line\nbreak' })],
  ])(
    'of a function that %s: the event fails as `headers`, the breaker stays closed',
    async (_name, headers) => {
      const { url, seen } = await recorder();
      const it = make(url, headers as () => Record<string, string>);
      for (let i = 0; i < 7; i++) it.writeEvent({ event_type: 'x' });
      expect(await it.readContext('a')).toBeNull();
      await it.flush();
      expect(it.stats()).toMatchObject({
        failed: { headers: 7, total: 7 },
        breaker: 'closed',
        reads: { failed: 1 },
      });
      expect(seen).toEqual([]);
    },
  );

  test('that never come: the event expires, nothing is sent', async () => {
    const { url, seen } = await recorder();
    const it = client({ url, thread: 'main', deadlineMs: 150, headers: () => new Promise(() => undefined) });
    it.writeEvent({ event_type: 'x' });
    expect(await it.readContext('a')).toBeNull();
    await until(() => it.stats().expired === 1);
    expect(seen).toEqual([]);
  });

  test('that are no headers disable the client, and their values are shown nowhere', () => {
    const it = new BucketClient({ headers: { Authorization: 7 as never, Secret: 'hunter2' } });
    expect(it.problem).toBe(
      'headers are not a record of strings that HTTP can carry (their values are not shown)',
    );
    expect(JSON.stringify(it.stats())).not.toContain('hunter2');
  });
});
