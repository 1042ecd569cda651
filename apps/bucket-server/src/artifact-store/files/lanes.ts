import { startThread } from '../../threads/start-thread.ts';
import type { WorkerClient } from '../../threads/worker-client.ts';
import { closedError } from './failure.ts';
import type { LaneFunctions } from './lane-worker.ts';

/** So many threads there are from the start, and so many at the most; each takes some 8 MiB. */
const FIRST_LANES = 4;
const MAX_LANES = 8;

/** Where a job waits longer than this, in ms, fsyncs hang in all lanes, and another lane is started. */
const PATIENCE_MS = 1000;

/** So many jobs that nobody waits for may run at one time. */
const MAX_BACKGROUND = 2;

type Job = { readonly isBackground: boolean; run(lane: WorkerClient<LaneFunctions>): Promise<void> };

/** What needs lanes needs this of them. */
export type LaneRunner = Pick<Lanes, 'run'>;

/**
 * Threads in which runs of synchronous system calls work, one run a thread. Node's own thread pool has four threads
 * that everything shares: four slow fsyncs there would hold up every other file of the process.
 */
export class Lanes {
  readonly #onDeath: (error: Error) => void;
  readonly #all = new Set<WorkerClient<LaneFunctions>>();
  readonly #idle: WorkerClient<LaneFunctions>[] = [];
  readonly #urgent: Job[] = [];
  readonly #background: Job[] = [];
  #backgroundRunning = 0;
  #growing: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(onDeath: (error: Error) => void) {
    this.#onDeath = onDeath;
    for (let count = 0; count < FIRST_LANES; count += 1) this.#addLane();
  }

  run<Name extends keyof LaneFunctions>(
    name: Name,
    ...args: Parameters<LaneFunctions[Name]>
  ): Promise<ReturnType<LaneFunctions[Name]>> {
    return this.#enqueue(this.#urgent, name, args);
  }

  /** For what nobody waits for yet: few of these run at one time, so that there are threads for the others. */
  runInBackground<Name extends keyof LaneFunctions>(
    name: Name,
    ...args: Parameters<LaneFunctions[Name]>
  ): Promise<ReturnType<LaneFunctions[Name]>> {
    return this.#enqueue(this.#background, name, args);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#growing);
    await Promise.all([...this.#all].map((lane) => lane.terminate()));
  }

  #enqueue<Name extends keyof LaneFunctions>(
    queue: Job[],
    name: Name,
    args: Parameters<LaneFunctions[Name]>,
  ): Promise<ReturnType<LaneFunctions[Name]>> {
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const run = (lane: WorkerClient<LaneFunctions>) => lane.call(name, ...args).then(resolve, reject);
      queue.push({ isBackground: queue === this.#background, run });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#all.size === 0) this.#addLane();
    while (this.#idle.length > 0) {
      const job = this.#urgent.shift() ?? this.#nextInBackground();
      if (job === undefined) return;
      const lane = this.#idle.pop();
      if (lane !== undefined) void this.#work(lane, job);
    }
    if (this.#urgent.length > 0) this.#growSoon();
  }

  #nextInBackground(): Job | undefined {
    return this.#backgroundRunning < MAX_BACKGROUND ? this.#background.shift() : undefined;
  }

  async #work(lane: WorkerClient<LaneFunctions>, job: Job): Promise<void> {
    if (job.isBackground) this.#backgroundRunning += 1;
    await job.run(lane);
    if (job.isBackground) this.#backgroundRunning -= 1;
    if (this.#isClosed) return;
    if (!lane.isGone) this.#idle.push(lane);
    this.#dispatch();
  }

  #growSoon(): void {
    if (this.#growing !== undefined || this.#all.size >= MAX_LANES) return;
    const waiting = this.#urgent[0];
    this.#growing = setTimeout(() => {
      this.#growing = undefined;
      if (waiting !== undefined && this.#urgent.includes(waiting)) this.#addLane();
      this.#dispatch();
    }, PATIENCE_MS);
  }

  #addLane(): void {
    const lane = startThread<LaneFunctions>(import.meta.url, 'lane-worker', (error) => {
      this.#all.delete(lane);
      const index = this.#idle.indexOf(lane);
      if (index !== -1) this.#idle.splice(index, 1);
      this.#onDeath(error);
    });
    this.#all.add(lane);
    this.#idle.push(lane);
  }
}
