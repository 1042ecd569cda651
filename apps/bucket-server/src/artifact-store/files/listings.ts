import { startThread } from '../../threads/start-thread.ts';
import type { WorkerClient } from '../../threads/worker-client.ts';
import type { ListedRef } from '../object-store.ts';
import { asStoreError, closedError } from './failure.ts';
import type { ListedFile, ListingFunctions, RefPage } from './listing-worker.ts';

/** Reads folders in a thread of its own, which is started with the first listing. */
export class Listings {
  readonly #onDeath: (error: Error) => void;
  #thread: WorkerClient<ListingFunctions> | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(onDeath: (error: Error) => void) {
    this.#onDeath = onDeath;
  }

  /**
   * The refs right in a folder with their contents, page by page; nothing where there is no such folder. The next page
   * is read while the one before it is worked on: `asked` is what `mark` said before the page was asked for.
   */
  refs<Mark>(
    folder: string,
    mark: () => Mark,
  ): AsyncGenerator<{ readonly page: RefPage; readonly asked: Mark }> {
    return this.#pages(folder, false, async (thread, id) => {
      const asked = mark();
      const page = await thread.call('refs', id);
      return page === null ? null : { page, asked };
    });
  }

  /** The files in a folder, at any depth, with their sizes. */
  sizes(folder: string): AsyncGenerator<ListedFile[]> {
    return this.#pages(folder, true, (thread, id) => thread.call('sizes', id));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#thread?.terminate();
  }

  async *#pages<Page>(
    folder: string,
    isDeep: boolean,
    next: (thread: WorkerClient<ListingFunctions>, id: number) => Promise<Page | null>,
  ): AsyncGenerator<Page> {
    const thread = this.#running();
    const id = ++this.#lastId;
    try {
      if (!(await thread.call('open', id, folder, isDeep))) return;
      for (let asked = next(thread, id); ; ) {
        const page = await asked;
        if (page === null) return;
        asked = next(thread, id);
        asked.catch(() => undefined); // told when its turn comes, if it comes
        yield page;
      }
    } catch (error) {
      throw this.#isClosed ? closedError() : asStoreError(error, 'a listing');
    } finally {
      // Where the thread is gone, so is the listing.
      thread.call('close', id).catch(() => undefined);
    }
  }

  #running(): WorkerClient<ListingFunctions> {
    if (this.#isClosed) throw closedError();
    if (this.#thread === undefined || this.#thread.isGone) {
      this.#thread = startThread<ListingFunctions>(import.meta.url, 'listing-worker', this.#onDeath);
    }
    return this.#thread;
  }
}

/** The refs of a page that could be read; `prefix` is that of their keys. */
export function refsOf({ names, ends, bytes }: RefPage, prefix: string): ListedRef[] {
  let start = 0;
  return names.map((name, index) => {
    const end = ends[index] ?? start;
    const content = bytes.subarray(start, end);
    start = end;
    return { key: `${prefix}${name}`, bytes: content };
  });
}
