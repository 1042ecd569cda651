import { dirname } from 'node:path';
import { codeOf } from '../../error-words.ts';
import { asStoreError } from './failure.ts';
import type { FolderSync } from './folder-sync.ts';
import type { DurableFolders } from './folders.ts';
import type { LaneRunner } from './lanes.ts';
import { unlinkFile } from './system-calls.ts';
import type { TempFiles } from './temp-files.ts';

type Parts = {
  readonly temps: TempFiles;
  readonly lanes: LaneRunner;
  readonly folders: DurableFolders;
  readonly folderSync: FolderSync;
};

/** How the commit of a ref ended: there is a durable ref at its path, or this commit has left none. */
type Ended = 'durable' | 'undone';

/** Creates refs, and knows which of those that can be seen on the disk are not durable yet. */
export class RefCommits {
  readonly #parts: Parts;
  readonly #inFlight = new Map<string, Promise<Ended>>();
  #undone = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** How many commits were undone: if it has not changed, no ref that was seen meanwhile has gone again. */
  get undone(): number {
    return this.#undone;
  }

  /**
   * Steps 5 to 7 of DESIGN "Seams", files: link, and fsync of the folder, for `created` and `exists` alike. Callers of
   * this process who want the same path wait for each other, so one of them alone writes.
   */
  async create(path: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    try {
      await this.#parts.folders.create(dirname(path));
      while (this.#inFlight.has(path)) if ((await this.#inFlight.get(path)) === 'durable') return 'exists';
      return await this.#begin(path, bytes);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') this.#parts.folders.forget(dirname(path));
      throw asStoreError(error, 'the storing of a ref');
    }
  }

  /**
   * For a ref that was seen: resolves with true when it is durable, false where its commit was undone. Rejects with
   * ObjectStoreError where that cannot be found out.
   */
  async isDurable(path: string): Promise<boolean> {
    try {
      if ((await this.#inFlight.get(path)) === 'undone') return false;
      await this.#parts.folders.settle(dirname(path));
      return true;
    } catch (error) {
      throw asStoreError(error, 'the reading of a ref');
    }
  }

  #begin(path: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    const committing = this.#commit(path, bytes);
    const ended = committing.then(
      (): Ended => 'durable',
      (error: unknown): Ended => {
        // It can be seen and nobody knows whether it stays: whoever asks for it gets this error.
        if (error instanceof DoubtfulRefError) throw error;
        return 'undone';
      },
    );
    this.#inFlight.set(path, ended);
    ended.then(
      () => this.#inFlight.delete(path),
      () => undefined, // stays, so that the error does
    );
    return committing;
  }

  async #commit(path: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    const { temps, lanes, folderSync } = this.#parts;
    const temp = temps.next();
    try {
      const outcome = await lanes.run('linkRef', temp, path, bytes).catch((error: unknown) => {
        // The thread died on the way, before or after the link.
        throw codeOf(error) === 'worker_gone' ? new DoubtfulRefError(path, [error]) : error;
      });
      try {
        await folderSync.sync(dirname(path));
      } catch (error) {
        if (outcome === 'created') await this.#undo(path, error);
        throw error;
      }
      return outcome;
    } finally {
      await temps.remove(temp);
    }
  }

  async #undo(path: string, cause: unknown): Promise<void> {
    this.#undone += 1;
    await unlinkFile(path).catch((error: unknown) => {
      throw new DoubtfulRefError(path, [cause, error]);
    });
  }
}

/** A ref was linked, could not be made durable, and could not be removed again. */
class DoubtfulRefError extends AggregateError {
  /** Of the ref. */
  readonly path: string;

  constructor(path: string, causes: readonly unknown[]) {
    super(
      causes,
      'Nobody can say whether this version outlives a power cut: start Bucket anew when the disk is sound.',
    );
    this.path = path;
  }
}
