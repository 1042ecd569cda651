import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function start(...args: string[]): ChildProcess & { output: () => string } {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  return Object.assign(child, { output: () => output });
}

/** The processes that a process has started, by pid. */
function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

async function until(condition: () => boolean): Promise<void> {
  const giveUp = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > giveUp) throw new Error('waited in vain');
    await sleep(20);
  }
}

test('a measurement runs, prints its table and the goals, and ends with 0', async () => {
  const bench = start('refused-call', '--quick');
  const [code] = await once(bench, 'close');
  expect(bench.output()).toMatch(/\| queue full, silent server \| [\d.]+ µs .*\| ≤ 0\.30 µs \|/);
  expect(bench.output()).toMatch(/\| refused-call \| breaker open, nothing listens \|/);
  expect(code).toBe(0);
});

test('artifacts go up to a real Bucket and come down again', async () => {
  const bench = start('artifact-small', '--quick');
  const [code] = await once(bench, 'close');
  expect(bench.output()).toMatch(/\| uploads of 4 KiB \| [\d,.]+\/s/);
  expect(bench.output()).toMatch(/\| verified downloads of 4 KiB \| [\d,.]+\/s/);
  // Beside docker-registry, or with the reason why not.
  expect(bench.output()).toMatch(/docker-registry (is the one of|is not installed|does not start)|setpriv/);
  expect(code).toBe(0);
}, 120_000);

test('a name that is none ends with 2 and lists the names', async () => {
  const bench = start('nonsense');
  const [code] = await once(bench, 'close');
  expect(bench.output()).toContain('There is no measurement nonsense: use call-cost');
  expect(code).toBe(2);
});

// Where there is no /proc, nobody here can tell which processes a process has started.
const isLinux = existsSync(`/proc/${process.pid}/task/${process.pid}/children`);
if (!isLinux) console.log('Skipped: what signals leave behind is looked up in /proc, which is not here.');
const onLinux = isLinux ? test : test.skip;

onLinux.each(['SIGTERM', 'SIGKILL'] as const)('%s leaves no process and no folder behind', async (signal) => {
  const bench = start('write-rate', '--quick');
  await until(() => bench.exitCode !== null || childrenOf(bench.pid).length >= 3);
  const pids = childrenOf(bench.pid);
  expect(pids.length).toBeGreaterThanOrEqual(3);
  bench.kill(signal);
  await once(bench, 'close');
  await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)));
  // What a process that is killed outright cannot remove, the next one does.
  if (signal === 'SIGKILL') await once(start('refused-call', '--quick'), 'close');
  expect(readdirSync(folder)).toEqual([]);
});
