import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The name of a folder carries the pid of the process that works in it. */
const NAME = /^bhiv-bench-(\d+)-/;

/** The folders of one measurement. Some hold gigabytes, so none is left behind. */
export class TemporaryFolders {
  readonly #paths = new Set<string>();

  async make(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), `bhiv-bench-${process.pid}-`));
    this.#paths.add(path);
    return path;
  }

  /** Removes them all, at once. Whoever works in them has to be gone. */
  removeAll(): void {
    for (const path of this.#paths) remove(path);
    this.#paths.clear();
  }
}

/** Removes the folders of benchmarks that were killed before they could do so. */
export function removeAbandonedFolders(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) remove(join(tmpdir(), name));
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // what process.kill throws
    return code !== 'ESRCH';
  }
}
