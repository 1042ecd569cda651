import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { codeOf } from '../../error-words.ts';
import { unlinkFile } from './system-calls.ts';

const TEMP_NAME = /^[0-9a-f]{8}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** So many files that could not be removed are remembered; the start of the next Bucket removes the rest. */
const MAX_LEFT_OVER = 1000;

/** Whether a file in the folder of temporary files is one of ours. */
export function isTempName(name: string): boolean {
  return TEMP_NAME.test(name);
}

/** Names of temporary files, `<boot id>-<uuid>`, and their removal. */
export class TempFiles {
  readonly #folder: string;
  readonly #bootId = randomUUID().slice(0, 8);
  readonly #leftOver = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  next(): string {
    return join(this.#folder, `${this.#bootId}-${randomUUID()}`);
  }

  /**
   * Removes a temporary file, if it is there. Never rejects: a file that cannot be removed harms nobody, and is tried
   * again with the next one, or removed when the next Bucket starts.
   */
  async remove(path: string): Promise<void> {
    const paths = [path, ...this.#leftOver];
    this.#leftOver.clear();
    await Promise.all(paths.map((each) => this.#tryToRemove(each)));
  }

  async #tryToRemove(path: string): Promise<void> {
    try {
      await unlinkFile(path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' && this.#leftOver.size < MAX_LEFT_OVER) this.#leftOver.add(path);
    }
  }
}
