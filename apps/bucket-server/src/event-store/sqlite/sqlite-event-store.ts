import pTimeout from 'p-timeout';
import type { WorkerClient } from '../../threads/worker-client.ts';
import {
  type AgentMemory,
  type EngineState,
  type EventRecord,
  type EventStats,
  type EventStore,
  EventStoreError,
  type EventStoreHealth,
  type RecentEvents,
  type ShownEvents,
} from '../event-store.ts';
import { type CommitResult, GroupCommit } from '../group-commit.ts';
import type { DataFiles } from './data-files.ts';
import { EventReads } from './event-reads.ts';
import { type Failure, fileIsGone, locked } from './failure.ts';
import type { Totals } from './reader.ts';
import type { ReaderFunctions } from './reader-worker.ts';
import type { WriterFunctions } from './writer-worker.ts';

/** One commit takes at most this much: more would make the events behind it wait without making commits cheaper. */
const MAX_BATCH_EVENTS = 1000;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** CONTRACT A1: an event that no commit has taken within 2 s is refused. */
const TAKE_WITHIN_MS = 2000;

/** What an event weighs in the queue beside its text. */
const RECORD_OVERHEAD_BYTES = 256;

/** How long `health` waits, and how long anything may wait for the engine before the store counts as stalled. */
const HEALTH_WITHIN_MS = 1000;

/** After so long without a successful write `health` tries one: an idle store may have become unable to write. */
const WRITE_IS_NEWS_MS = 5000;

/** How long `close` waits for a worker to close its connection. */
const CLOSE_WITHIN_MS = 2000;

type Parts = {
  readonly writer: WorkerClient<WriterFunctions>;
  readonly reader: WorkerClient<ReaderFunctions>;
  /** Reads the pages of listings. */
  readonly lister: WorkerClient<ReaderFunctions>;
  readonly files: DataFiles;
  /** What the first small write failed with. */
  readonly firstFailure: Failure | undefined;
  /** Lets the data folder go. */
  readonly unlock: () => void;
  readonly maxQueueBytes: number;
};

/** The embedded event store: one thread writes, two read, group commit between. Opened by `openSqliteEventStore`. */
export class SqliteEventStore implements EventStore {
  readonly #parts: Parts;
  readonly #queue: GroupCommit<EventRecord>;
  readonly #reads: EventReads;
  /** What the last commit or probe failed with, or could not begin for; undefined after one that succeeded. */
  #lastFailure: Failure | undefined;
  #lastSuccessAt = performance.now();
  #lastTotals: Totals = { events: 0, agents: 0 };
  #probing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#lastFailure = parts.firstFailure;
    const { reader, lister } = parts;
    this.#reads = new EventReads({ reader, lister, mustBeOpen: () => this.#mustBeOpen() });
    this.#queue = new GroupCommit({
      commit: (batch) => this.#commit(batch),
      weigh: (event) => Buffer.byteLength(event.text) + RECORD_OVERHEAD_BYTES,
      maxBatchItems: MAX_BATCH_EVENTS,
      maxBatchBytes: MAX_BATCH_BYTES,
      maxQueueBytes: parts.maxQueueBytes,
      takeWithinMs: TAKE_WITHIN_MS,
    });
  }

  async append(event: EventRecord): Promise<void> {
    this.#mustBeOpen();
    await this.#queue.add(event);
  }

  async recent(limit: number): Promise<RecentEvents> {
    return this.#reads.recent(limit);
  }

  async recentShown(limit: number): Promise<ShownEvents> {
    return this.#reads.recentShown(limit);
  }

  async context(agentId: string): Promise<AgentMemory | null> {
    return this.#reads.context(agentId);
  }

  async stats(): Promise<EventStats> {
    return this.#reads.stats();
  }

  async health(): Promise<EventStoreHealth> {
    const state = await this.#state();
    return { state, totalEvents: this.#lastTotals.events, trackedAgents: this.#lastTotals.agents };
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #commit(batch: readonly EventRecord[]): Promise<CommitResult> {
    if (this.#parts.writer.isGone) {
      const message =
        'The thread that stores events has died; see the log. The event is not stored. Start Bucket anew.';
      return { outcome: 'failed', error: new EventStoreError('engine_unavailable', message, 'worker_gone') };
    }
    const result = await this.#parts.writer.call('commit', batch);
    if (result.outcome === 'not_begun') {
      this.#lastFailure = locked();
      return result;
    }
    if (result.outcome === 'failed') {
      this.#lastFailure = result.failure;
      return { outcome: 'failed', error: asError(result.failure) };
    }
    this.#noteSuccess();
    return {
      outcome: 'committed',
      refused: new Map(result.refused.map(([index, why]) => [index, asError(why)])),
    };
  }

  async #state(): Promise<EngineState> {
    const { writer, reader, lister } = this.#parts;
    const isGone = writer.isGone || reader.isGone || lister.isGone;
    if (this.#closing !== undefined || isGone) return 'unavailable';
    const [readsAnswer] = await Promise.all([
      this.#readTotals(),
      this.#checkFiles(),
      this.#probeWhereNeeded(),
    ]);
    if (!readsAnswer) return 'unavailable';
    if (this.#queue.oldestWaitMs > HEALTH_WITHIN_MS || this.#probing !== undefined) return 'stalled';
    if (this.#lastFailure === undefined) return 'healthy';
    return this.#lastFailure.code === 'disk_full' ? 'disk_full' : 'unavailable';
  }

  async #readTotals(): Promise<boolean> {
    const totals = await within(HEALTH_WITHIN_MS, this.#reads.totals());
    if (totals !== undefined) this.#lastTotals = totals;
    return totals !== undefined;
  }

  async #checkFiles(): Promise<void> {
    const missing = await within(HEALTH_WITHIN_MS, this.#parts.files.findMissingLater());
    if (missing !== undefined) this.#lastFailure = fileIsGone(missing);
  }

  /**
   * Finds out by a small write whether the store works, where the last write failed or was long ago; one at a time.
   * While events wait or are being stored, these are what tells.
   */
  async #probeWhereNeeded(): Promise<void> {
    if (!this.#queue.isIdle) return;
    const isNews = performance.now() - this.#lastSuccessAt > WRITE_IS_NEWS_MS;
    if (this.#lastFailure === undefined && !isNews) return;
    this.#probing ??= this.#probe().finally(() => {
      this.#probing = undefined;
    });
    await within(HEALTH_WITHIN_MS, this.#probing);
  }

  async #probe(): Promise<void> {
    const failure = await this.#parts.writer.call('probe');
    if (failure === null) this.#noteSuccess();
    else this.#lastFailure = failure;
  }

  #noteSuccess(): void {
    this.#lastFailure = undefined;
    this.#lastSuccessAt = performance.now();
  }

  #mustBeOpen(): void {
    if (this.#closing === undefined) return;
    throw new EventStoreError('closed', 'The event store is closed: this Bucket is shutting down.');
  }

  async #shutDown(): Promise<void> {
    const { reader, lister, writer, unlock } = this.#parts;
    await this.#queue.drained();
    // The writer last: the last connection to close takes the write-ahead log into the database.
    for (const worker of [reader, lister, writer]) {
      await within(CLOSE_WITHIN_MS, worker.call('close'));
      await worker.terminate();
    }
    unlock();
  }
}

/** The result, or undefined where it failed or took longer. */
async function within<Result>(milliseconds: number, promise: Promise<Result>): Promise<Result | undefined> {
  return pTimeout(promise, { milliseconds }).catch(() => undefined);
}

function asError({ code, message, reason }: Failure): EventStoreError {
  return new EventStoreError(code, message, reason);
}
