import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { type DiskFault, type DiskFaultReport, liveThrough } from '../src/durability/disk-fault.ts';
import { filled, injected, tmpfsMissing, withTmpfs } from '../src/durability/faults-of-disks.ts';
import { straceMissing } from '../src/durability/strace.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { engineTest } from './engine-test.ts';

const SYNCS = ['fsync', 'fdatasync'];
const WRITES = ['pwrite64'];

async function through(fault: DiskFault): Promise<DiskFaultReport> {
  return withTempFolder((dataDir) => liveThrough(fault, dataDir));
}

function expectDegraded({ health }: DiskFaultReport): void {
  expect(health.status).toBe(503);
  expect(health.body).toMatchObject({ status: 'degraded' });
}

function expectKeptWord(report: DiskFaultReport): void {
  expect(report.broken).toEqual([]);
  expect(report.acknowledgedBefore).toBe(50);
}

describe('EIO at the fsync of a commit', () => {
  engineTest('503, nothing acknowledged, degraded; works again afterwards', straceMissing(), async () => {
    const report = await through(injected(SYNCS, 'error=EIO'));
    expectKeptWord(report);
    expect(report.acknowledgedInFault).toBe(0);
    expect(report.refusals).toEqual([503]);
    expect(report.codes).toEqual(['engine_unavailable']);
    expectDegraded(report);
    expect(report.worksAgainMs).toBeLessThan(5_000);
  });

  engineTest('what was refused does not come back when a SIGKILL follows', straceMissing(), async () => {
    const report = await through(injected(SYNCS, 'error=EIO', { kill: true }));
    expectKeptWord(report);
    expect(report.acknowledgedInFault).toBe(0);
    expect(report.refusals).toEqual([503]);
  });
});

describe('EIO at the write of a commit', () => {
  engineTest('503, nothing acknowledged, degraded; works again afterwards', straceMissing(), async () => {
    const report = await through(injected(WRITES, 'error=EIO'));
    expectKeptWord(report);
    expect(report.acknowledgedInFault).toBe(0);
    expect(report.refusals).toEqual([503]);
    expectDegraded(report);
    expect(report.worksAgainMs).toBeLessThan(5_000);
  });
});

describe('ENOSPC at the write of a commit', () => {
  engineTest('507, nothing acknowledged, degraded; works again afterwards', straceMissing(), async () => {
    const report = await through(injected(WRITES, 'error=ENOSPC'));
    expectKeptWord(report);
    expect(report.acknowledgedInFault).toBe(0);
    expect(report.refusals).toEqual([507]);
    expect(report.codes).toEqual(['disk_full']);
    expectDegraded(report);
    expect(report.worksAgainMs).toBeLessThan(5_000);
  });

  engineTest('what was refused does not come back when a SIGKILL follows', straceMissing(), async () => {
    const report = await through(injected(WRITES, 'error=ENOSPC', { kill: true }));
    expectKeptWord(report);
    expect(report.refusals).toEqual([507]);
  });
});

describe('a write that fails now and then', () => {
  // The 3rd write to the log, the 10th, the 17th ...: commits break off at different frames.
  engineTest('only what was stored is acknowledged', straceMissing(), async () => {
    const report = await through(injected(WRITES, 'error=EIO:when=3+7'));
    expectKeptWord(report);
    expect(report.refusals).toEqual([503]);
    expect(report.worksAgainMs).toBeLessThan(5_000);
  });

  engineTest('nor does an fsync that fails now and then', straceMissing(), async () => {
    const report = await through(injected(SYNCS, 'error=EIO:when=2+2'));
    expectKeptWord(report);
    expect(report.refusals).toEqual([503]);
    expect(report.worksAgainMs).toBeLessThan(5_000);
  });
});

describe('a disk that is really full', () => {
  engineTest('507, degraded; works again when there is room', tmpfsMissing(), async () => {
    const report = await withTempFolder((folder) =>
      withTmpfs(folder, 16 * 2 ** 20, async () => {
        const dataDir = join(folder, 'data');
        await mkdir(dataDir);
        return liveThrough(filled(folder, 12 * 2 ** 20), dataDir);
      }),
    );
    expectKeptWord(report);
    expect(report.refusals).toEqual([507]);
    expect(report.codes).toEqual(['disk_full']);
    expectDegraded(report);
    expect(report.worksAgainMs).toBeLessThan(5_000);
  });
});

describe('an fsync that takes 3 seconds', () => {
  engineTest(
    'an event that no commit took within 2 s gets 503 and is not stored',
    straceMissing(),
    async () => {
      const report = await through(injected(SYNCS, 'delay_enter=3000000', { lastsMs: 7_000 }));
      expectKeptWord(report);
      expect(report.refusals).toEqual([503]);
      expect(report.codes).toEqual(['engine_unavailable']);
      expect(report.acknowledgedInFault).toBeGreaterThan(0);
    },
  );
});
