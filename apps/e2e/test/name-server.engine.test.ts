import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect } from '@jest/globals';
import { MeasuredChild } from '../src/outage/child.ts';
import { type ChildConfig, threadModes } from '../src/outage/child-protocol.ts';
import { BOUNDS } from '../src/outage/judge.ts';
import { CLOSE_MS } from '../src/outage/outage-job.ts';
import { engineTest } from './engine-test.ts';

const script = fileURLToPath(new URL('../fixtures/silent-name-server.sh', import.meta.url));
const wrapper = ['unshare', '--net', '--mount', script];
const [command = '', ...prefix] = wrapper;
const works = spawnSync(command, [...prefix, 'true']);
const missing =
  works.status === 0 ? undefined : `no namespaces of our own here (root, unshare, ip): ${works.stderr}`;

const base: Omit<ChildConfig, 'scenario' | 'thread'> = {
  url: 'http://bucket.example.org:8001',
  eventBytes: 0,
  events: 0,
  closeMs: CLOSE_MS,
};

/**
 * How long one lookup of the platform holds a process that does nothing else, in ms. Node cannot cancel it, and
 * even process.exit() waits for it, so no client can do better than this.
 */
function platformHoldsMs(): number {
  const started = performance.now();
  const program = "require('node:dns').lookup('bucket.example.org', () => {})";
  spawnSync(command, [...prefix, process.execPath, '--eval', program]);
  return performance.now() - started;
}

describe.each(threadModes)('a name server that never answers, %s thread', (thread) => {
  engineTest('reads are null in time, close() is in time, the accounting is exact', missing, async () => {
    const child = new MeasuredChild({ ...base, scenario: 'outage', thread }, wrapper);
    const { reads } = await child.report('outage');
    for (const read of reads) {
      expect(read.isNull).toBe(true);
      expect(read.ms).toBeLessThanOrEqual(BOUNDS.readMs);
    }
    child.proceed();
    const closed = await child.report('closed');
    expect(closed.ms).toBeLessThanOrEqual(BOUNDS.closeMs);
    expect(closed).toMatchObject({ resolvedTo: 'boolean', acceptsMore: false, violations: [] });
    const { stderr } = await child.end;
    expect(stderr).toBe('');
  });

  engineTest('the process is held no longer than by one lookup of its own', missing, async () => {
    const bound = platformHoldsMs() + BOUNDS.naturalEndMs;
    const child = new MeasuredChild({ ...base, scenario: 'natural', thread }, wrapper);
    const [exit, end] = await Promise.all([child.report('exit'), child.end]);
    expect(exit.violations).toEqual([]);
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(end.at - exit.lastCallAt).toBeLessThanOrEqual(bound);
  });
});
