import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const MAIN = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));

/** The built demo as a process, and what it printed so far. */
function demo() {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return { child, output: () => output, ended: once(child, 'close') };
}

/** The processes that the demo said it started. */
function startedBy(output: string): number[] {
  return [...output.matchAll(/\(process (\d+)\)/g)].map(([, pid]) => Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the demo', () => {
  test('holds: 240 tasks, Bucket killed and started again, and Core did not care', async () => {
    const { output, ended } = demo();
    const [status] = await ended;
    expect(output()).not.toContain('[FAIL]');
    expect(output().match(/^\[OK\] /gm)).toHaveLength(15);
    expect(output()).toContain('[OK] Core did not care: 240 of 240 answers are byte for byte');
    expect(output()).toMatch(/Core published what it learnt from \d+ tasks as core-selector@run-/);
    expect(output()).toContain('A second Core began with core-selector:latest');
    expect(status).toBe(0);
    const started = startedBy(output());
    expect(started).toHaveLength(5);
    expect(started.filter(isRunning)).toEqual([]);
  }, 120_000);

  test('leaves nothing running when it is interrupted', async () => {
    const { child, output, ended } = demo();
    while (!output().includes('Bucket: none')) await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [status] = await ended;
    expect(status).toBe(130);
    expect(startedBy(output())).toHaveLength(1);
    expect(startedBy(output()).filter(isRunning)).toEqual([]);
  }, 60_000);

  test('fails, and leaves nothing running, when Core goes away under it', async () => {
    const { child, output, ended } = demo();
    while (!output().includes('Bucket: well')) await once(child.stdout, 'data');
    const core = startedBy(output()).at(-1);
    if (core === undefined) throw new Error('no process');
    process.kill(core, 'SIGKILL');
    const [status] = await ended;
    expect(status).toBe(1);
    expect(startedBy(output()).filter(isRunning)).toEqual([]);
  }, 60_000);
});
