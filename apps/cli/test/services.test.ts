import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bhiv } from './helpers/bhiv.ts';
import { Room } from './helpers/room.ts';

let room: Room;
/** What says that it is a Core. */
const core = createServer((_request, response) => response.end('{"status": "healthy"}'));
let coreUrl: string;
beforeAll(async () => {
  room = await Room.open();
  core.listen(0, '127.0.0.1');
  await once(core, 'listening');
  coreUrl = `http://127.0.0.1:${(core.address() as AddressInfo).port}`; // it listens on a port
});
afterAll(async () => {
  core.close();
  await room.close();
});

const NOWHERE = 'http://127.0.0.1:9';

test('doctor prints the check of the integration note', async () => {
  expect(await room.bhiv(['doctor', '--core', coreUrl])).toEqual({
    status: 0,
    signal: null,
    stderr: '',
    stdout: [
      '[OK] Bucket Status: healthy',
      '[OK] Core Integration: active',
      '     Events received: 0',
      '     Agents tracked: 0',
      '[OK] Event written: Event received',
      '[OK] Context found: 1 event',
      '[OK] Total events: 1',
      '[OK] Agents tracked: 1',
      '[OK] Core Status: healthy',
      '',
    ].join('\n'),
  });
  const { checks } = await room.json(['doctor', '--no-core', '--no-write']);
  expect(checks.map(({ text }: { text: string }) => text)).toEqual([
    ...['Bucket Status: healthy', 'Core Integration: active', 'Total events: 1', 'Agents tracked: 1'],
  ]);
});

test('doctor says which service is not there', async () => {
  const withoutCore = await room.bhiv(['doctor', '--no-write'], { env: { BHIV_CORE_URL: NOWHERE } });
  expect(withoutCore.status).toBe(6);
  expect(withoutCore.stdout).toMatch(
    /^\[FAIL\] Core Status: unreachable \(http:\/\/127.0.0.1:9 cannot be reached: .*ECONNREFUSED/m,
  );
  expect(withoutCore.stdout).toContain('[OK] Bucket Status: healthy');
  const withoutBucket = await room.bhiv(['doctor', '--core', coreUrl, '--url', NOWHERE]);
  expect(withoutBucket.status).toBe(6);
  expect(withoutBucket.stdout).toMatch(
    /^\[FAIL\] Bucket Status: unreachable .*\n\[OK\] Core Status: healthy\n$/,
  );
  // a Core is no Bucket
  const wrong = await room.bhiv(['doctor', '--core', coreUrl, '--url', coreUrl]);
  expect(wrong.status).toBe(1);
  expect(wrong.stdout).toContain('[FAIL] Bucket Status: failed');
});

test('events are shown a line each, and given as they came with --json', async () => {
  const text =
    '{"event_type":"odd","agent_id":"a","task_id":"t","big":12345678901234567890,"one":1.0,"bell":"\\u001b[2J"}';
  const body = `{"requester_id":"bhiv_core","event_data":${text}}`;
  await fetch(`${room.url}/core/write-event`, { method: 'POST', body });
  const { stdout } = await room.bhiv(['events', '--limit', '1']);
  expect(stdout).toMatch(/ odd {2}a {2}t .*\n1 of \d+ events\n$/);
  expect(stdout).not.toContain('\u001b');
  const json = await room.bhiv(['events', '--limit', '1', '--json']);
  expect(json.stdout).toContain('"big":12345678901234567890,"one":1.0');
  expect(JSON.parse(json.stdout)).toMatchObject({ showing: 1 });
  expect((await room.bhiv(['events', '--limit', '1001'])).status).toBe(2);
});

test('stats tell how much there is', async () => {
  const { stats } = await room.json(['stats']);
  expect(stats.agents_with_context).toBe(stats.tracked_agents.length);
  expect((await room.bhiv(['stats'])).stdout).toMatch(/^events +\d+$/m);
});

test('a Bucket that is not there is unreachable, in every command that needs it', async () => {
  const commands = [
    ['stats'],
    ['events'],
    ['head', 'a/b@v1'],
    ['put', import.meta.filename, 'a/b@v1', '--source', 'x'],
  ];
  for (const command of commands) {
    const { status, stderr, stdout } = await bhiv([...command, '--url', NOWHERE]);
    expect({ command, status, stdout }).toEqual({ command, status: 6, stdout: '' });
    expect(stderr).toMatch(/^error: .*\nhint: see that Bucket runs, and where: .*\n$/m);
  }
});
