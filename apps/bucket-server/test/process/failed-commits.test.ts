import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { postEvent, sendJson } from '../helpers/http.ts';
import { startBucketProcess } from '../helpers/spawn-bucket.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

let folder: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
});
afterEach(() => remove());

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
if (!hasPrlimit) console.log('skipped: failed commits (needs prlimit of util-linux)');

/** A Bucket whose files may not grow beyond some KiB: writing further fails with EFBIG, an I/O error to SQLite. */
function withFilesUpTo(kibibytes: number): readonly [string, ...string[]] {
  // Bash, because a limit that is set by a shell can be lifted later, and a signal that it ignores stays ignored.
  return ['bash', '-c', `trap '' XFSZ; ulimit -S -f ${kibibytes}; exec "$@"`, 'bash'];
}

(hasPrlimit ? describe : describe.skip)('commits that fail', () => {
  test('nothing is acknowledged, health says so, it works again when it can, and every answer was true', async () => {
    const bucket = await startBucketProcess(folder, { through: withFilesUpTo(300) });
    const answers: { number: number; status: number; code: string }[] = [];
    const write = async (number: number) => {
      const { status, body } = await postEvent(
        bucket.port,
        `{"event_type":"x","number":${number},"s":"${'x'.repeat(20_000)}"}`,
      );
      answers.push({ number, status, code: body.error?.code ?? '' });
    };
    for (let round = 0; round < 30; round += 1) {
      await Promise.all([write(3 * round), write(3 * round + 1), write(3 * round + 2)]);
    }
    const failed = answers.filter(({ status }) => status !== 200);
    expect(failed.length).toBeGreaterThan(3);
    expect(new Set(failed.map(({ status, code }) => `${status} ${code}`))).toEqual(
      new Set(['503 engine_unavailable']),
    );
    expect(answers[0]?.status).toBe(200);

    execFileSync('prlimit', [`--pid=${bucket.pid}`, '--fsize=unlimited']);
    const health = await sendJson(bucket.port, '/health'); // tries a small write by itself
    expect([health.status, health.body.services]).toEqual([
      200,
      { events: 'healthy', artifact_store: 'healthy' },
    ]);
    await write(1000);

    bucket.child.kill('SIGKILL');
    await bucket.ended;
    const again = await startBucketProcess(folder);
    const { body } = await sendJson(again.port, '/core/events?limit=1000');
    const stored = body.events.map((event: { number: number }) => event.number);
    const acknowledged = answers.filter(({ status }) => status === 200).map(({ number }) => number);
    expect(stored.toSorted()).toEqual(acknowledged.toSorted());
    expect(body.count).toBe(acknowledged.length);
    again.child.kill('SIGTERM');
    await again.ended;
    const db = new BetterSqlite3(`${folder}/events.db`, { readonly: true });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  test('while it lasts, health is degraded, reads go on, and a kill brings nothing back', async () => {
    const bucket = await startBucketProcess(folder, { through: withFilesUpTo(120) });
    let acknowledged = 0;
    let last = 200;
    while (last === 200) {
      last = (await postEvent(bucket.port, `{"event_type":"x","agent_id":"a","s":"${'x'.repeat(30_000)}"}`))
        .status;
      if (last === 200) acknowledged += 1;
    }
    expect(acknowledged).toBeGreaterThan(0);
    execFileSync('prlimit', [`--pid=${bucket.pid}`, '--fsize=1']);
    const health = await sendJson(bucket.port, '/health');
    expect([health.status, health.body.status, health.body.services]).toEqual([
      503,
      'degraded',
      expect.objectContaining({ events: 'unavailable' }),
    ]);
    expect(health.body.core_integration.events_received).toBe(acknowledged);
    const { body } = await sendJson(bucket.port, '/core/read-context?agent_id=a&requester_id=bhiv_core');
    expect(body.context?.event_count ?? 0).toBe(acknowledged);
    bucket.child.kill('SIGKILL');
    await bucket.ended;
    const again = await startBucketProcess(folder);
    expect((await sendJson(again.port, '/core/stats')).body.stats.total_events).toBe(acknowledged);
    again.child.kill('SIGTERM');
    await again.ended;
  });
});
