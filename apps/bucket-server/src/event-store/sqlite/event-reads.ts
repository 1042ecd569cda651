import pTimeout from 'p-timeout';
import { messageOf } from '../../error-words.ts';
import type { WorkerClient } from '../../threads/worker-client.ts';
import {
  type AgentMemory,
  type EventStats,
  EventStoreError,
  type RecentEvents,
  type ShownEvents,
} from '../event-store.ts';
import type { Stretch, Totals } from './reader.ts';
import type { ReaderFunctions } from './reader-worker.ts';

/** A read that has no answer after this is given up, and so many may wait. */
const READ_WITHIN_MS = 2000;
const MAX_WAITING_READS = 1000;

/** The same for a page of a listing, before which pages of other listings may have to be read. */
const PAGE_WITHIN_MS = 10_000;

type ReadingThread = WorkerClient<ReaderFunctions>;

export type ReadingThreads = {
  readonly reader: ReadingThread;
  /** Reads the pages of listings, so that no other read waits behind them. */
  readonly lister: ReadingThread;
  /** Throws where the store is closed: a listing that was begun before ends then too. */
  readonly mustBeOpen: () => void;
};

/** What the embedded event store answers from its two threads that read. Everything rejects with EventStoreError. */
export class EventReads {
  readonly #threads: ReadingThreads;

  constructor(threads: ReadingThreads) {
    this.#threads = threads;
  }

  totals(): Promise<Totals> {
    return this.#read((reader) => reader.call('totals'));
  }

  async recent(limit: number): Promise<RecentEvents> {
    const { totals, stretch } = await this.#read((reader) => reader.call('newest', limit));
    const pages = this.#pages(stretch, async (rest) => {
      const { items, next } = await this.#readPage((lister) => lister.call('events', rest));
      return { page: items, isEmpty: items.length === 0, next };
    });
    return { count: totals.events, pages };
  }

  async recentShown(limit: number): Promise<ShownEvents> {
    const { totals, stretch } = await this.#read((reader) => reader.call('newest', limit));
    const pages = this.#pages(stretch, async (rest) => {
      const { page, next } = await this.#readPage((lister) => lister.call('shownEvents', rest));
      return { page, isEmpty: page.events === 0, next };
    });
    return { count: totals.events, pages };
  }

  context(agentId: string): Promise<AgentMemory | null> {
    return this.#read((reader) => reader.call('context', agentId));
  }

  async stats(): Promise<EventStats> {
    const { totals, stretch } = await this.#read((reader) => reader.call('allAgents'));
    const agentIds = this.#pages(stretch, async (rest) => {
      const { items, next } = await this.#readPage((lister) => lister.call('agentIds', rest));
      return { page: items, isEmpty: items.length === 0, next };
    });
    return { totalEvents: totals.events, trackedAgents: totals.agents, agentIds };
  }

  /** The pages of a stretch, one after the other; none of them is empty. */
  async *#pages<Page>(
    { from: start, to }: Stretch,
    readPage: (rest: Stretch) => Promise<{ page: Page; isEmpty: boolean; next: number | null }>,
  ): AsyncGenerator<Page> {
    let from: number | null = start;
    while (from !== null && from <= to) {
      const { page, isEmpty, next }: Awaited<ReturnType<typeof readPage>> = await readPage({ from, to });
      if (!isEmpty) yield page;
      from = next;
    }
  }

  #read<Result>(read: (reader: ReadingThread) => Promise<Result>): Promise<Result> {
    return this.#readFrom(this.#threads.reader, read, READ_WITHIN_MS);
  }

  #readPage<Result>(read: (lister: ReadingThread) => Promise<Result>): Promise<Result> {
    return this.#readFrom(this.#threads.lister, read, PAGE_WITHIN_MS);
  }

  async #readFrom<Result>(
    thread: ReadingThread,
    read: (thread: ReadingThread) => Promise<Result>,
    milliseconds: number,
  ): Promise<Result> {
    this.#threads.mustBeOpen();
    if (thread.pendingCalls >= MAX_WAITING_READS) {
      const message = `${MAX_WAITING_READS} reads wait for the event store already: ask again later.`;
      throw new EventStoreError('overloaded', message, '', { limit: MAX_WAITING_READS });
    }
    try {
      return await pTimeout(read(thread), { milliseconds });
    } catch (error) {
      const reason = messageOf(error);
      const message = `The event store did not answer a read (${reason}). Ask again later; look at the disk if it stays so.`;
      throw new EventStoreError('engine_unavailable', message, reason);
    }
  }
}
