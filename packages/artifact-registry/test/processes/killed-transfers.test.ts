import { statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startFixture } from '../helpers/child.ts';
import { MIB, noise, PLACE, Room, treeIn } from '../helpers/transfers.ts';

/** 1,024 MiB and 4 workers in `npm run soak -- registry`. */
const TOTAL = Number(process.env.BHIV_TRANSFER_MIB ?? 80) * MIB;
const WORKERS = TOTAL < 512 * MIB ? 1 : 4;
const PACK = 32 * MIB;

let room: Room;
let source: string;
beforeEach(() => {
  room = new Room();
  source = room.write('source', { 'a.bin': noise('a', 0.625 * TOTAL), 'b.bin': noise('b', 0.375 * TOTAL) });
});
afterEach(() => room.remove());

/** Also for the many bytes of the soak. */
const WITHIN_MS = 30_000 + TOTAL / 10_000;

/** Runs the fixture and kills it once half is done. */
async function killAtHalf(what: 'publish' | 'fetch', folder: string): Promise<void> {
  const child = startFixture(
    new URL('../fixtures/transfer-process.mjs', import.meta.url),
    what,
    room.at('bucket'),
    folder,
    String(WORKERS),
  );
  await child.printed('half');
  child.process.kill('SIGKILL');
  const { signal } = await child.ended;
  expect([signal, child.lines.includes('done')]).toEqual(['SIGKILL', false]);
}

test(
  'a publish that was killed at 50 % sends at most one pack per worker again',
  async () => {
    await killAtHalf('publish', source);
    expect(await room.transport.headArtifact({ bucketId: 'models', ...PLACE })).toBeNull();
    const there = await room.transport.listVersions('models', 'model.packs');
    expect(there.length).toBeGreaterThan(0);
    const published = await room.publish(source, { concurrency: WORKERS });
    // What Bucket had is not sent again; of what was on its way each worker had one pack.
    const had = there.reduce((sum, { size_bytes: size }) => sum + size, 0);
    expect(published).toMatchObject({ bytesFound: had, bytesSent: TOTAL - had + published.size });
    expect(TOTAL / 2 - had).toBeLessThanOrEqual(WORKERS * PACK);
    expect((await room.verify()).problems).toEqual([]);
  },
  WITHIN_MS,
);

test(
  'a fetch that was killed at 50 % reads at most one pack per worker again, and no partial file has a name',
  async () => {
    await room.publish(source);
    await killAtHalf('fetch', room.at('target'));
    for (const path of ['a.bin', 'b.bin']) {
      const { [path]: found } = treeIn(room.at('target'));
      if (found !== undefined) expect(found).toBe(treeIn(source)[path]);
    }
    const fetched = await room.fetch(room.at('target'), { concurrency: WORKERS });
    expect(fetched.bytesKept).toBeGreaterThanOrEqual(TOTAL / 2 - WORKERS * PACK);
    expect(fetched.bytesReceived).toBe(TOTAL - fetched.bytesKept);
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
    expect(() => statSync(room.at('target/.bhiv-fetch'))).toThrow('ENOENT');
  },
  WITHIN_MS,
);
