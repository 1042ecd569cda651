import { closeSync, fstatSync, openSync, type Stats } from 'node:fs';
import { relative } from 'node:path';
import { codeOf } from '../../error-words.ts';
import { asStoreError, folderGoneError } from './failure.ts';
import type { Paths } from './layout.ts';
import { statFile } from './system-calls.ts';

type OwnFolder = { readonly path: string; readonly descriptor: number; readonly identity: string };

/**
 * Knows whether the folders of the store are still those that were opened: a store that was moved away would otherwise
 * look like one in which nothing is stored. They are held open, because an inode that is open is never given to another
 * folder, so device and inode tell.
 */
export class OwnFolders {
  readonly #paths: Paths;
  readonly #refs: OwnFolder;
  readonly #blobs: OwnFolder;
  readonly #tmp: OwnFolder;

  constructor(paths: Paths) {
    this.#paths = paths;
    this.#refs = hold(paths.refs);
    this.#blobs = hold(paths.sha256);
    this.#tmp = hold(paths.tmp);
  }

  /** Rejects with ObjectStoreError `unavailable` unless all of them are there. */
  async mustBeThere(): Promise<void> {
    for (const folder of this.#all()) await this.#mustBe(folder);
  }

  /**
   * For a path at which nothing was found: null where that means that nothing is stored there. Rejects with
   * ObjectStoreError `unavailable` where the store has gone, or a folder of the path that was `known` to be there.
   */
  async absent(path: string, known: string): Promise<null> {
    await this.#mustBe(path.startsWith(this.#paths.refs) ? this.#refs : this.#blobs);
    if ((await this.#identityOf(known)) === undefined) throw this.#gone(known);
    return null;
  }

  close(): void {
    for (const { descriptor } of this.#all()) closeSync(descriptor);
  }

  #all(): readonly OwnFolder[] {
    return [this.#refs, this.#blobs, this.#tmp];
  }

  async #mustBe({ path, identity }: OwnFolder): Promise<void> {
    if ((await this.#identityOf(path)) !== identity) throw this.#gone(path);
  }

  /** undefined where there is no such folder. */
  async #identityOf(path: string): Promise<string | undefined> {
    try {
      const stats = await statFile(path);
      return stats.isDirectory() ? identityIn(stats) : undefined;
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
      throw asStoreError(error, 'a look at the folders of the store');
    }
  }

  #gone(path: string) {
    return folderGoneError(relative(this.#paths.root, path) || 'artifacts');
  }
}

function hold(path: string): OwnFolder {
  const descriptor = openSync(path, 'r');
  return { path, descriptor, identity: identityIn(fstatSync(descriptor)) };
}

function identityIn({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
