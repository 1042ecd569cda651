import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';

/**
 * Finds out whether the database and its write-ahead log are still the files that were there at first. SQLite goes on
 * writing to a file that was deleted, and everything written to it is lost when the process ends. An inode that is
 * open is never given to another file, so device and inode tell.
 */
export class DataFiles {
  readonly #paths: readonly string[];
  readonly #identities = new Map<string, string>();

  /** `path` is the database, which is open already. */
  constructor(path: string) {
    this.#paths = [path, `${path}-wal`];
    this.findMissing();
  }

  /** The path of a file that was deleted, moved or replaced, or that cannot be asked about; undefined where all are there. */
  findMissing(): string | undefined {
    return this.#paths.find((path) => this.#isMissing(path, statOf(path)));
  }

  /** The same without holding the event loop. */
  async findMissingLater(): Promise<string | undefined> {
    for (const path of this.#paths) {
      const stats = await stat(path).catch(() => undefined);
      if (this.#isMissing(path, stats)) return path;
    }
    return undefined;
  }

  #isMissing(path: string, stats: Stats | undefined): boolean {
    const found = stats && `${stats.dev}:${stats.ino}`;
    const known = this.#identities.get(path);
    if (known !== undefined) return known !== found;
    if (found !== undefined) this.#identities.set(path, found);
    return false;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a folder that may not be entered any more, say
  }
}
