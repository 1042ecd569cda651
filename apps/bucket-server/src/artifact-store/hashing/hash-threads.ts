import { availableParallelism } from 'node:os';
import { isSharedArrayBuffer } from 'node:util/types';
import { startThread } from '../../threads/start-thread.ts';
import type { WorkerClient } from '../../threads/worker-client.ts';
import type { HashFunctions } from './hash-worker.ts';

/** A core is left to the thread that serves; and more threads are not worth their memory: each hashes over 1 GB/s. */
const MAX_THREADS = Math.max(1, Math.min(availableParallelism() - 1, 4));

type Thread = { readonly client: WorkerClient<HashFunctions>; jobs: number };

/** The digest of a run of bytes, computed in another thread. */
export type HashJob = {
  /** Takes the bytes that come next. They must stay as they are until the promise is settled. */
  update(bytes: Uint8Array): Promise<void>;
  /** The SHA-256 of everything, as 64 hex digits. Ends the job. */
  digest(): Promise<string>;
  /** Ends a job whose digest nobody wants. More calls do nothing. */
  drop(): void;
};

/**
 * A few threads that hash: the first one when there is work, the others when all are busy. One that dies fails the jobs
 * that it had, and another takes its place.
 */
export class HashThreads {
  readonly #onDeath: (error: Error) => void;
  #threads: Thread[] = [];
  #lastJob = 0;

  constructor(onDeath: (error: Error) => void) {
    this.#onDeath = onDeath;
  }

  /** Starts the first thread, so that the first job need not wait for it. */
  warmUp(): void {
    if (this.#threads.length === 0) this.#startThread();
  }

  start(): HashJob {
    const thread = this.#leastBusy();
    const job = ++this.#lastJob;
    thread.jobs += 1;
    let isOver = false;
    const end = () => {
      if (!isOver) thread.jobs -= 1;
      isOver = true;
    };
    return {
      update: (bytes) => thread.client.call('update', job, clonable(bytes)),
      digest: () => thread.client.call('digest', job).finally(end),
      drop: () => {
        // Where the thread is gone, so is the job.
        if (!isOver) thread.client.call('drop', job).catch(() => undefined);
        end();
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ client }) => client.terminate()));
  }

  #leastBusy(): Thread {
    this.#threads = this.#threads.filter(({ client }) => !client.isGone);
    const [first, ...others] = this.#threads;
    if (first === undefined) return this.#startThread();
    const best = others.reduce((least, thread) => (thread.jobs < least.jobs ? thread : least), first);
    return best.jobs > 0 && this.#threads.length < MAX_THREADS ? this.#startThread() : best;
  }

  #startThread(): Thread {
    const client = startThread<HashFunctions>(import.meta.url, 'hash-worker', this.#onDeath);
    const thread: Thread = { client, jobs: 0 };
    this.#threads.push(thread);
    return thread;
  }
}

/** Shared bytes cross as they are; of others only the view is copied, not all of the buffer behind it. */
function clonable(bytes: Uint8Array): Uint8Array {
  return isSharedArrayBuffer(bytes.buffer) ? bytes : bytes.slice();
}
