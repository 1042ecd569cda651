import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BHIV } from './helpers/bhiv.ts';
import { randomBytes } from './helpers/bytes.ts';
import { Room } from './helpers/room.ts';

let room: Room;
beforeAll(async () => {
  room = await Room.open();
  await room.json(['put', room.write('big', randomBytes(1_000_000)), 'files/big@v1', '--source', 'test']);
});
afterAll(() => room.close());

/** Runs bhiv with what a shell makes of `redirection`. */
async function redirected(redirection: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn('sh', ['-c', `"$@" ${redirection}`, 'sh', process.execPath, BHIV, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...room.environment(env) },
    cwd: room.path,
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await closed;
  return { status, stdout, stderr };
}

/** A device on which every write fails like on a full disk. */
const FULL = '/dev/full';
const testWhereFull = existsSync(FULL) ? test : test.skip;
if (!existsSync(FULL)) process.stderr.write(`skipped: what cannot be written: no ${FULL} here\n`);

test('where nobody reads stderr the work goes on, and the status is that of the work', async () => {
  const withoutReader = async (...args: string[]) => {
    const running = room.start(args);
    running.process.stderr?.destroy();
    return (await running.ended).status;
  };
  // both warn before they send, and tell of progress
  const put = ['put', room.at('big'), 'files/closed@20261122T100000Z', '--source', 'test'];
  expect(await withoutReader(...put)).toBe(0);
  expect(await room.json(['versions', 'files/closed'])).toMatchObject({
    versions: [{ size_bytes: 1_000_000 }],
  });
  expect(await withoutReader('publish', 'big', 'closed@v1', '--bucket', 'files')).toBe(0);
  expect(await withoutReader('verify', 'closed@v1')).toBe(0);
  expect(await withoutReader('ls', 'nosuch')).toBe(3);
});

testWhereFull('where stderr cannot be written too', async () => {
  expect((await redirected(`2>${FULL}`, ['ls', 'nosuch', '--registry', 'none.db'])).status).toBe(3);
  const put = ['put', room.at('big'), 'files/full@20261122T100000Z', '--source', 'test'];
  expect((await redirected(`2>${FULL}`, put)).status).toBe(0);
});

testWhereFull('stdout that cannot be written is one line, or one JSON document', async () => {
  const ways = [['versions', 'files/big'], ['get', 'files/big@v1', '-', '--quiet'], ['help']];
  for (const way of ways) {
    const { status, stderr } = await redirected(`>${FULL}`, way);
    expect({ way, status }).toEqual({ way, status: 1 });
    expect(stderr).toMatch(/^error: Standard output cannot be written: ENOSPC.*\n$/);
  }
  const json = await redirected(`>${FULL}`, ['versions', 'files/big', '--json']);
  expect(json.status).toBe(1);
  expect(JSON.parse(json.stderr).error).toMatchObject({ code: 'output_failed', exit_status: 1 });
});

test('whoever has read enough of a download may go: nothing of it stays', async () => {
  mkdirSync(room.at('tmp'));
  const env = { TMPDIR: room.at('tmp') };
  const running = room.start(['get', 'files/big@v1', '-', '--quiet'], { env });
  running.process.stdout?.destroy();
  expect(await running.ended).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(room.at('tmp'))).toEqual([]);
  expect(await redirected('| head -c 5 | wc -c', ['get', 'files/big@v1', '-', '--quiet'], env)).toMatchObject(
    {
      ...{ status: 0, stderr: '' },
      stdout: expect.stringMatching(/^ *5\n$/),
    },
  );
  expect(readdirSync(room.at('tmp'))).toEqual([]);
});

test('a reader that has gone does not make a failure a success', async () => {
  const running = room.start(['get', 'files/big@v9', '-']);
  running.process.stdout?.destroy();
  expect(await running.ended).toMatchObject({ status: 3 });
});
