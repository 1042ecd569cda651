import { EventStoreError } from './event-store.ts';

/**
 * What a driver says of a batch:
 * - `committed`: durable, except the events in `refused` (index in the batch → why), which are not stored;
 * - `failed`: not one of them is stored (or, where `error.code` is `outcome_unknown`, nobody knows);
 * - `not_begun`: the engine was busy before the batch touched it; its events wait for the next attempt. The driver has
 *   waited a moment itself, so that attempts do not spin.
 */
export type CommitResult =
  | { readonly outcome: 'committed'; readonly refused: ReadonlyMap<number, EventStoreError> }
  | { readonly outcome: 'failed'; readonly error: EventStoreError }
  | { readonly outcome: 'not_begun' };

export type GroupCommitOptions<Item> = {
  /** Takes a batch to the engine. A rejection counts as `outcome_unknown` for the whole batch. */
  readonly commit: (batch: readonly Item[]) => Promise<CommitResult>;
  /** Bytes that an item weighs. */
  readonly weigh: (item: Item) => number;
  /** The most items of one commit. */
  readonly maxBatchItems: number;
  /** The most bytes of one commit; one item may be larger by itself. */
  readonly maxBatchBytes: number;
  /** The most bytes that may wait or be in a commit; beyond it `add` rejects with `overloaded`. */
  readonly maxQueueBytes: number;
  /** How long an item may wait for a commit to take it, in ms (CONTRACT A1: 2 s). */
  readonly takeWithinMs: number;
};

type Entry<Item> = {
  readonly item: Item;
  readonly bytes: number;
  readonly addedAt: number;
  readonly resolve: () => void;
  readonly reject: (error: EventStoreError) => void;
};

/**
 * Group commit: one batch is with the engine at a time, and everything that arrives meanwhile goes into the next.
 *
 * The rule of 2 seconds lives here and nowhere else: an item that no commit has taken `takeWithinMs` after its arrival
 * is withdrawn from the queue and rejected, which is exact, because the engine has never seen it. An item that the
 * running commit has taken can no longer be withdrawn: it is answered with the true outcome, however late.
 */
export class GroupCommit<Item> {
  readonly #options: GroupCommitOptions<Item>;
  /** In order of arrival, so the first one is always the oldest. */
  #waiting: Entry<Item>[] = [];
  #bytes = 0;
  #running = false;
  /** When the oldest item of the running batch arrived. */
  #runningSince: number | undefined;
  #withdrawTimer: NodeJS.Timeout | undefined;
  #idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions<Item>) {
    this.#options = options;
  }

  /** Settles as the item's commit does; rejects with EventStoreError. */
  add(item: Item): Promise<void> {
    const bytes = this.#options.weigh(item);
    if (this.#bytes + bytes > this.#options.maxQueueBytes) {
      const message = `${this.#bytes} bytes of events wait to be stored already and the limit is ${this.#options.maxQueueBytes}: send this one again later.`;
      const figures = { waiting_bytes: this.#bytes, limit_bytes: this.#options.maxQueueBytes };
      return Promise.reject(new EventStoreError('overloaded', message, '', figures));
    }
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, addedAt: performance.now(), resolve, reject });
      this.#armWithdrawal();
      if (!this.#running) this.#start();
    });
  }

  /** Resolves when nothing waits and no commit runs. */
  drained(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** For how many ms the oldest item has waited for its answer; 0 when there is none. */
  get oldestWaitMs(): number {
    const since = this.#runningSince ?? this.#waiting[0]?.addedAt;
    return since === undefined ? 0 : performance.now() - since;
  }

  /** True where nothing waits and no commit runs. */
  get isIdle(): boolean {
    return !this.#running && this.#waiting.length === 0;
  }

  #start(): void {
    this.#running = true;
    // A turn of the event loop later, so that requests that arrived together share the commit.
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    const batch = this.#takeBatch();
    if (batch.length > 0) {
      this.#runningSince = batch[0]?.addedAt;
      const result = await this.#commit(batch);
      this.#runningSince = undefined;
      if (result.outcome === 'not_begun') this.#waiting = [...batch, ...this.#waiting];
      else this.#settle(batch, result);
      this.#withdrawOverdue();
    }
    if (this.#waiting.length > 0) {
      this.#start();
      return;
    }
    this.#running = false;
    clearTimeout(this.#withdrawTimer);
    this.#withdrawTimer = undefined;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #commit(batch: readonly Entry<Item>[]): Promise<CommitResult> {
    try {
      return await this.#options.commit(batch.map((entry) => entry.item));
    } catch (error) {
      const reason = String(error);
      const message = 'The event store died while it stored this event. Nobody knows whether it is stored.';
      return { outcome: 'failed', error: new EventStoreError('outcome_unknown', message, reason) };
    }
  }

  #takeBatch(): Entry<Item>[] {
    let bytes = 0;
    let items = 0;
    for (const entry of this.#waiting) {
      bytes += entry.bytes;
      if (items === this.#options.maxBatchItems || (items > 0 && bytes > this.#options.maxBatchBytes)) break;
      items += 1;
    }
    return this.#waiting.splice(0, items);
  }

  #settle(batch: readonly Entry<Item>[], result: Exclude<CommitResult, { outcome: 'not_begun' }>): void {
    for (const [index, entry] of batch.entries()) {
      const error = result.outcome === 'failed' ? result.error : result.refused.get(index);
      this.#bytes -= entry.bytes;
      if (error === undefined) entry.resolve();
      else entry.reject(error);
    }
  }

  #armWithdrawal(): void {
    const oldest = this.#waiting[0];
    if (this.#withdrawTimer !== undefined || oldest === undefined) return;
    const delay = oldest.addedAt + this.#options.takeWithinMs - performance.now();
    this.#withdrawTimer = setTimeout(() => this.#withdrawOverdue(), Math.max(1, Math.ceil(delay)));
  }

  #withdrawOverdue(): void {
    clearTimeout(this.#withdrawTimer);
    this.#withdrawTimer = undefined;
    const arrivedBefore = performance.now() - this.#options.takeWithinMs;
    let overdue = 0;
    for (const entry of this.#waiting) {
      if (entry.addedAt > arrivedBefore) break;
      overdue += 1;
    }
    for (const entry of this.#waiting.splice(0, overdue)) {
      this.#bytes -= entry.bytes;
      const message = `The event store did not take this event within ${this.#options.takeWithinMs} ms. It is not stored.`;
      entry.reject(new EventStoreError('engine_unavailable', message, 'not taken in time'));
    }
    this.#armWithdrawal();
  }
}
