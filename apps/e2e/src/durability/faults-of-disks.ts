import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskFault } from './disk-fault.ts';
import { Disturbance } from './strace.ts';

/** Every call of these kinds on the write-ahead log gets `effect` (see strace(1)) while the fault lasts. */
export function injected(calls: readonly string[], effect: string, more: Partial<DiskFault> = {}): DiskFault {
  let disturbance: Disturbance | undefined;
  return {
    ...more,
    async begin(bucket, path) {
      disturbance = await Disturbance.start({ pid: bucket.pid, paths: [path], calls, effect });
    },
    async end() {
      await disturbance?.end();
    },
  };
}

/** Why no tmpfs can be mounted here, or undefined where one can. */
export function tmpfsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'a tmpfs needs Linux';
  if (process.getuid?.() !== 0) return 'only root may mount a tmpfs';
  return undefined;
}

/** Runs `use` with a folder of `bytes`, and of `inodes` where given, that is really full when it is full. */
export async function withTmpfs<T>(
  folder: string,
  bytes: number,
  use: () => Promise<T>,
  inodes?: number,
): Promise<T> {
  const options = inodes === undefined ? `size=${bytes}` : `size=${bytes},nr_inodes=${inodes}`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'bhiv-e2e', folder]);
  try {
    return await use();
  } finally {
    execFileSync('umount', [folder]);
  }
}

/** Takes the room of a small filesystem away with a file of `bytes`, and gives it back. */
export function filled(folder: string, bytes: number): DiskFault {
  const filler = join(folder, 'filler');
  return {
    eventBytes: 20_000,
    lastsMs: 3_000,
    async begin() {
      writeFileSync(filler, Buffer.alloc(bytes));
    },
    async end() {
      rmSync(filler, { force: true });
    },
  };
}
