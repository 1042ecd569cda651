import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folders of one measurement. Large ones are among them, so they are removed even where this process is stopped. */
export class TemporaryFolders {
  readonly #paths = new Set<string>();

  async make(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'bhiv-bench-'));
    this.#paths.add(path);
    return path;
  }

  /** Removes them all, at once. Whoever works in them has to be gone. */
  removeAll(): void {
    for (const path of this.#paths) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    this.#paths.clear();
  }
}
