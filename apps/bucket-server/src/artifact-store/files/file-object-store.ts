import { statfs } from 'node:fs/promises';
import { codeOf } from '../../error-words.ts';
import type { HashThreads } from '../hashing/hash-threads.ts';
import { describeKey, isKeyPrefix, isRefKey, isRefPrefix, parseKey } from '../keys.ts';
import {
  type BlobClaim,
  type ByteRange,
  type ListedObject,
  type ListedRef,
  MAX_REF_BYTES,
  type ObjectStore,
  type ObjectStoreHealth,
  type OpenedObject,
} from '../object-store.ts';
import { asStoreError, closedError } from './failure.ts';
import { FolderSync } from './folder-sync.ts';
import { DurableFolders } from './folders.ts';
import { HealthCheck } from './health-check.ts';
import { Lanes } from './lanes.ts';
import type { Paths } from './layout.ts';
import { Listings, refsOf } from './listings.ts';
import { openObject } from './open-object.ts';
import type { OwnFolders } from './own-folders.ts';
import { PieceSource } from './piece-source.ts';
import { type PutBlobParts, putBlob } from './put-blob.ts';
import { ReadBuffers } from './read-buffers.ts';
import { readSmallFile } from './read-small.ts';
import { RefCommits } from './ref-commits.ts';
import { SlabPool } from './slab-pool.ts';
import { statFile } from './system-calls.ts';
import { TempFiles } from './temp-files.ts';
import { settlesWithin } from './within.ts';

/** The bytes of all uploads that are on their way through memory. */
const SLAB_BYTES = 512 * 1024;
const SLABS = 32;

/** How long `close` waits for uploads that are being ended. */
const CLOSE_WITHIN_MS = 3000;

type Parts = {
  readonly paths: Paths;
  readonly own: OwnFolders;
  readonly hashing: HashThreads;
  /** Whether `close` ends the threads that hash. */
  readonly ownsHashing: boolean;
  readonly onWorkerDeath: (error: Error) => void;
  /** Lets the folder go. */
  readonly unlock: () => void;
};

/** The embedded object store. Opened by `openFileObjectStore`. */
export class FileObjectStore implements ObjectStore {
  readonly #paths: Paths;
  readonly #unlock: () => void;
  readonly #ownsHashing: boolean;
  readonly #putParts: PutBlobParts;
  readonly #refs: RefCommits;
  readonly #own: OwnFolders;
  readonly #listings: Listings;
  readonly #health: HealthCheck;
  readonly #buffers = new ReadBuffers();
  readonly #sources = new Set<PieceSource>();
  readonly #changes = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor({ paths, own, hashing, ownsHashing, onWorkerDeath, unlock }: Parts) {
    this.#paths = paths;
    this.#own = own;
    this.#ownsHashing = ownsHashing;
    this.#unlock = unlock;
    const lanes = new Lanes(onWorkerDeath);
    hashing.warmUp();
    const temps = new TempFiles(paths.tmp);
    const folderSync = new FolderSync((path) => lanes.run('syncFolder', path));
    const folders = new DurableFolders(lanes, folderSync, [paths.root, paths.sha256, paths.refs]);
    const slabs = new SlabPool(SLAB_BYTES, SLABS);
    this.#putParts = { temps, slabs, hashing, lanes, folders, folderSync };
    this.#refs = new RefCommits({ temps, lanes, folders, folderSync });
    this.#listings = new Listings(onWorkerDeath);
    const probe = async () => {
      const temp = temps.next();
      await lanes.run('probe', temp).finally(() => temps.remove(temp));
    };
    this.#health = new HealthCheck({ probe, look: () => own.mustBeThere() });
  }

  putBlob(
    key: string,
    pieces: AsyncIterable<Uint8Array>,
    claim: BlobClaim,
    signal?: AbortSignal,
  ): Promise<{ readonly size: number }> {
    return this.#change(async () => {
      const source = new PieceSource(pieces);
      const onAbort = () => source.interrupt(signal?.reason);
      signal?.addEventListener('abort', onAbort);
      if (signal?.aborted) onAbort();
      this.#sources.add(source);
      try {
        return await putBlob(this.#putParts, this.#pathOf(key), source, claim);
      } finally {
        this.#sources.delete(source);
        signal?.removeEventListener('abort', onAbort);
      }
    });
  }

  createRef(key: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    return this.#change(async () => {
      if (bytes.length > MAX_REF_BYTES)
        throw new Error(`${key} is too large for a ref: ${bytes.length} bytes`);
      return this.#refs.create(this.#pathOf(key), bytes);
    });
  }

  async readRef(key: string): Promise<Uint8Array | null> {
    this.#mustBeOpen();
    const path = this.#pathOf(key);
    for (;;) {
      const before = this.#refs.undone;
      const bytes = await readSmallFile(path, describeKey(key));
      if (bytes === null) return this.#absent(path);
      if ((await this.#refs.isDurable(path)) && before === this.#refs.undone) return bytes;
    }
  }

  async get(key: string, range?: ByteRange): Promise<OpenedObject | null> {
    this.#mustBeOpen();
    if (isRefKey(key) && (await this.readRef(key)) === null) return null;
    const isClosed = () => this.#closing !== undefined;
    const path = this.#pathOf(key);
    const opened = await openObject({ buffers: this.#buffers, isClosed }, path, range);
    return opened ?? this.#absent(path);
  }

  async stat(key: string): Promise<{ readonly size: number } | null> {
    this.#mustBeOpen();
    if (isRefKey(key) && (await this.readRef(key)) === null) return null;
    const path = this.#pathOf(key);
    try {
      const { size } = await statFile(path);
      return { size };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return this.#absent(path);
      throw asStoreError(error, 'a look at an object');
    }
  }

  async *list(prefix: string): AsyncGenerator<readonly ListedObject[]> {
    this.#mustBeOpen();
    if (!isKeyPrefix(prefix)) throw new Error(`${prefix} is not a prefix of the layout`);
    const folder = this.#paths.of(prefix.slice(0, -1));
    for await (const files of this.#listings.sizes(folder)) {
      const page: ListedObject[] = [];
      for (const { path, size } of files) {
        const key = `${prefix}${path}`;
        // A file that somebody else has put there is no object; fsck tells of it.
        if (parseKey(key) !== null && (!isRefKey(key) || (await this.stat(key)) !== null))
          page.push({ key, size });
      }
      if (page.length > 0) yield page;
    }
    await this.#absent(folder);
  }

  async *listRefs(prefix: string): AsyncGenerator<readonly ListedRef[]> {
    this.#mustBeOpen();
    if (!isRefPrefix(prefix)) throw new Error(`${prefix} is not the prefix of an artifact's refs`);
    const folder = this.#paths.of(prefix.slice(0, -1));
    for await (const { page, asked } of this.#listings.refs(folder, () => this.#refs.undone)) {
      const durable = await this.#durableOnes(refsOf(page, prefix), asked);
      for (const name of page.unread) {
        const bytes = await this.readRef(`${prefix}${name}`);
        if (bytes !== null) durable.push({ key: `${prefix}${name}`, bytes });
      }
      if (durable.length > 0) yield durable;
    }
    await this.#absent(folder);
  }

  async freeBytes(): Promise<number> {
    try {
      const { bavail, bsize } = await statfs(this.#paths.root);
      return bavail * bsize;
    } catch (error) {
      throw asStoreError(error, 'a look at the free space');
    }
  }

  async health(): Promise<ObjectStoreHealth> {
    return this.#closing === undefined ? this.#health.state() : 'unavailable';
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  /** Those of a page that was asked for when `undone` was `before`; refs that have gone since are not among them. */
  async #durableOnes(refs: readonly ListedRef[], before: number): Promise<ListedRef[]> {
    const durable: ListedRef[] = [];
    for (const ref of refs) {
      const path = this.#pathOf(ref.key);
      if (!(await this.#refs.isDurable(path))) continue;
      if (before === this.#refs.undone || (await this.readRef(ref.key)) !== null) durable.push(ref);
    }
    return durable;
  }

  /** Runs what changes the store, so that `close` waits for it and `health` knows how it went. */
  async #change<Result>(change: () => Promise<Result>): Promise<Result> {
    this.#mustBeOpen();
    const changing = change();
    this.#changes.add(changing);
    try {
      const result = await changing;
      this.#health.noteSuccess();
      return result;
    } catch (error) {
      this.#health.noteFailure(error);
      throw error;
    } finally {
      this.#changes.delete(changing);
    }
  }

  #pathOf(key: string): string {
    if (parseKey(key) === null) throw new Error(`${key} is not a key of the layout`);
    return this.#paths.of(key);
  }

  #absent(path: string): Promise<null> {
    return this.#own.absent(path, this.#putParts.folders.lowestKnown(path));
  }

  #mustBeOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }

  async #shutDown(): Promise<void> {
    for (const source of this.#sources) source.interrupt(closedError());
    await settlesWithin(CLOSE_WITHIN_MS, Promise.allSettled(this.#changes));
    const { lanes, hashing } = this.#putParts;
    const ends = [lanes.close(), this.#listings.close()];
    if (this.#ownsHashing) ends.push(hashing.close());
    await settlesWithin(CLOSE_WITHIN_MS, Promise.all(ends));
    this.#own.close();
    this.#unlock();
  }
}
