import { statSync } from 'node:fs';
import { FileIsGone } from './failure.ts';

/**
 * Finds out whether the database and its write-ahead log are still the files that were opened. SQLite goes on writing
 * to a file that was deleted, and everything written to it is lost when the last process ends. An inode that is open is
 * never given to another file, so device and inode tell.
 */
export class DataFiles {
  readonly #paths: readonly string[];
  readonly #identities = new Map<string, string>();

  /** `path` is the database, which is open already. */
  constructor(path: string) {
    this.#paths = [path, `${path}-wal`];
    this.mustBeThere();
  }

  /** Throws FileIsGone. */
  mustBeThere(): void {
    for (const path of this.#paths) {
      const found = identityOf(path);
      const known = this.#identities.get(path) ?? found;
      if (known !== found) {
        const message = `${path} is not the file that was opened: it was deleted, moved or replaced. Nothing was changed: put it back, then open the registry anew.`;
        throw new FileIsGone(message);
      }
      if (found !== undefined) this.#identities.set(path, found);
    }
  }
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
