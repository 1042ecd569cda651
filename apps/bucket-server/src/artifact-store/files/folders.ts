import { dirname } from 'node:path';
import type { FolderSync } from './folder-sync.ts';
import type { LaneRunner } from './lanes.ts';

/** So many folders are remembered as durable; one that was forgotten costs an fsync more. */
const MAX_KNOWN = 16_384;

/**
 * Knows which folders are durable: their own names, those above them, and whatever was in them before this process.
 * (A process that was killed between `link` and fsync leaves a name that a power cut can still take away.)
 */
export class DurableFolders {
  readonly #lanes: LaneRunner;
  readonly #folderSync: FolderSync;
  readonly #roots: ReadonlySet<string>;
  readonly #known = new Set<string>();
  readonly #inFlight = new Map<string, Promise<void>>();

  /** `durable` are folders that the opening of the store has made durable: everything else lies within them. */
  constructor(lanes: LaneRunner, folderSync: FolderSync, durable: readonly string[]) {
    this.#lanes = lanes;
    this.#folderSync = folderSync;
    this.#roots = new Set(durable);
  }

  /** Resolves when the folder is there and durable; makes it and those above it where they are missing. */
  create(path: string): Promise<void> {
    return this.#once(path, () => this.#make(path));
  }

  /** Resolves when a folder that is there is durable. Once in the life of the process that costs an fsync. */
  settle(path: string): Promise<void> {
    return this.#once(path, async () => {
      await this.settle(dirname(path));
      await this.#folderSync.sync(path);
    });
  }

  /** The folder may have been removed behind our back: the next one who needs it finds out. */
  forget(path: string): void {
    for (let each = path; !this.#roots.has(each); each = dirname(each)) this.#known.delete(each);
  }

  /** The lowest folder of a path that was once seen to be durable: it must be there. */
  lowestKnown(path: string): string {
    let folder = path;
    while (!this.#roots.has(folder) && !this.#known.has(folder)) folder = dirname(folder);
    return folder;
  }

  #once(path: string, work: () => Promise<void>): Promise<void> {
    if (this.#roots.has(path) || this.#known.has(path)) return Promise.resolve();
    const inFlight = this.#inFlight.get(path);
    if (inFlight !== undefined) return inFlight;
    const started = work()
      .then(() => this.#remember(path))
      .finally(() => this.#inFlight.delete(path));
    this.#inFlight.set(path, started);
    return started;
  }

  async #make(path: string): Promise<void> {
    const parent = dirname(path);
    await this.create(parent);
    const isNew = await this.#lanes.run('makeFolder', path);
    try {
      await this.#folderSync.sync(parent);
      if (!isNew) await this.#folderSync.sync(path);
    } catch (error) {
      // The kernel may have forgotten the name that it could not write: the next attempt must make it anew.
      if (isNew) await this.#lanes.run('removeFolder', path).catch(() => undefined);
      throw error;
    }
  }

  #remember(path: string): void {
    this.#known.add(path);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}
