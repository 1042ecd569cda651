import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Running } from './helpers/bhiv.ts';
import { randomBytes } from './helpers/bytes.ts';
import { Room } from './helpers/room.ts';
import { SlowWay } from './helpers/slow-way.ts';

const PACK = 32 * 1024 * 1024;
const WEIGHTS = randomBytes(2.25 * PACK);
const SMALL = WEIGHTS.subarray(0, PACK / 4);

let room: Room;
const ways: SlowWay[] = [];
beforeAll(async () => {
  room = await Room.open();
  room.write('run/model.bin', WEIGHTS);
  room.write('small.bin', SMALL);
});
afterAll(() => room.close());
afterEach(async () => {
  await Promise.all(ways.splice(0).map((way) => way.close()));
});

/** Starts bhiv over a way that slows down after so many bytes, and interrupts it there. */
async function interrupted(args: readonly string[], freeBytes: number, signal: NodeJS.Signals = 'SIGINT') {
  const slow = await SlowWay.open(room.url, freeBytes);
  ways.push(slow);
  const running: Running = room.start(args, { env: { BHIV_BUCKET_URL: slow.url } });
  while (!slow.isSlow) {
    if (running.process.exitCode !== null) throw new Error(`it ended too early: ${running.stderr}`);
    await setTimeout(10);
  }
  const before = performance.now();
  running.process.kill(signal);
  const ended = await running.ended;
  return { ...ended, tookMs: performance.now() - before };
}

test('an upload that is interrupted ends at once, and nothing is stored', async () => {
  const put = ['put', room.at('small.bin'), 'models/put@v1', '--source', 'test'];
  const ended = await interrupted(put, SMALL.byteLength / 2);
  expect(ended).toMatchObject({ status: 130, stdout: '' });
  expect(ended.stderr).toContain('error: interrupted.\n');
  expect(ended.tookMs).toBeLessThan(2500);
  expect((await room.bhiv(['head', 'models/put@v1'])).status).toBe(3);
});

test('a publish that is interrupted goes on when it is run again, and so does a fetch', async () => {
  const publish = ['publish', 'run', 'llama@v1', '--bucket', 'models', '--concurrency', '1'];
  const ended = await interrupted(publish, 1.5 * PACK);
  expect(ended).toMatchObject({ status: 130, stdout: '' });
  expect(ended.stderr).toContain('hint: run the same command again');
  expect((await room.bhiv(['show', 'llama@v1'])).status).toBe(3);
  const again = await room.json(publish);
  expect(again.bytes_found).toBeGreaterThan(0);
  expect(again.bytes_found + again.bytes_sent).toBeGreaterThan(WEIGHTS.byteLength);
  expect(again.bytes_sent).toBeLessThan(WEIGHTS.byteLength);

  const fetch = ['fetch', 'llama@v1', 'serve', '--concurrency', '1'];
  const cut = await interrupted([...fetch, '--json'], 1.5 * PACK, 'SIGTERM');
  expect(cut).toMatchObject({ status: 130, stdout: '' });
  expect(JSON.parse(cut.stderr).error).toMatchObject({ code: 'aborted', exit_status: 130 });
  expect(existsSync(room.at('serve/model.bin'))).toBe(false);
  const rest = await room.json(fetch);
  expect(rest.bytes_kept).toBeGreaterThan(0);
  expect(rest.bytes_received).toBeLessThan(WEIGHTS.byteLength);
  expect(readFileSync(room.at('serve/model.bin')).equals(WEIGHTS)).toBe(true);
  expect(readdirSync(room.at('serve'))).toEqual(['model.bin']);
});

test('a download that is interrupted leaves no file', async () => {
  await room.json(['put', room.at('small.bin'), 'models/get@v1', '--source', 'test']);
  const ended = await interrupted(['get', 'models/get@v1', 'got.bin'], SMALL.byteLength / 2);
  expect(ended).toMatchObject({ status: 130, stdout: '' });
  expect(readdirSync(room.path).filter((name) => name.includes('got') || name.startsWith('.bhiv'))).toEqual(
    [],
  );
});

test('a second interrupt ends it whatever it does', async () => {
  const way = await SlowWay.open(room.url, SMALL.byteLength / 2);
  ways.push(way);
  const put = ['put', room.at('small.bin'), 'models/twice@v1', '--source', 'test'];
  const running = room.start(put, { env: { BHIV_BUCKET_URL: way.url } });
  while (!way.isSlow) await setTimeout(10);
  running.process.kill('SIGINT');
  running.process.kill('SIGINT');
  const [status] = await once(running.process, 'exit');
  expect(status).toBe(130);
});
