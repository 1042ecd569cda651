import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { Answer, Api, Call } from './worker-protocol.ts';

/** The worker thread is gone, or was before the call. What it was doing has an unknown outcome. */
export class WorkerGoneError extends Error {
  override readonly name = 'WorkerGoneError';
  readonly code = 'worker_gone';
}

/** The worker answered a call with an error: the words and the code of what was thrown there. */
export class WorkerCallError extends Error {
  override readonly name = 'WorkerCallError';
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

type Pending = {
  readonly id: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
};

/** Calls the functions that a worker thread serves with `serve`. One that died is not started again. */
export class WorkerClient<Functions extends Api<Functions>> {
  readonly #worker: Worker;
  /** In the order in which the worker answers. */
  #pending: Pending[] = [];
  #lastId = 0;
  #gone: WorkerGoneError | undefined;

  /** Starts the thread. `onDeath` is called once, and only where nobody has called `terminate`. */
  static start<Functions extends Api<Functions>>(
    script: URL,
    onDeath: (error: WorkerGoneError) => void,
    options: WorkerOptions = {},
  ): WorkerClient<Functions> {
    const client = new WorkerClient<Functions>(new Worker(script, options));
    client.#watch(script.pathname, onDeath);
    return client;
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  get isGone(): boolean {
    return this.#gone !== undefined;
  }

  /** How many calls have no answer yet. */
  get pendingCalls(): number {
    return this.#pending.length;
  }

  /** Rejects with WorkerCallError or WorkerGoneError. Calls are worked off in order, one at a time. */
  call<Name extends keyof Functions & string>(
    name: Name,
    ...args: Parameters<Functions[Name]>
  ): Promise<ReturnType<Functions[Name]>> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    this.#lastId += 1;
    const call: Call = { id: this.#lastId, name, args };
    return new Promise((resolve, reject) => {
      // The worker answers with what its function of this name returns.
      this.#pending.push({ id: call.id, resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage(call);
    });
  }

  /** Ends the thread, whatever it is doing. */
  async terminate(): Promise<void> {
    this.#die(new WorkerGoneError('The worker thread was ended.'));
    await this.#worker.terminate();
  }

  #watch(name: string, onDeath: (error: WorkerGoneError) => void): void {
    let cause = 'it ended by itself';
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => {
      cause = String(error);
    });
    this.#worker.on('exit', () => {
      const wasTerminated = this.isGone;
      const error = new WorkerGoneError(`The worker thread ${name} is gone: ${cause}.`);
      this.#die(error);
      if (!wasTerminated) onDeath(error);
    });
  }

  #settle(answer: Answer): void {
    // An answer that comes after `terminate` is nobody's any more.
    if (this.#pending[0]?.id !== answer.id) return;
    const pending = this.#pending.shift();
    if ('error' in answer) pending?.reject(new WorkerCallError(answer.error.message, answer.error.code));
    else pending?.resolve(answer.value);
  }

  #die(error: WorkerGoneError): void {
    this.#gone ??= error;
    for (const pending of this.#pending) pending.reject(error);
    this.#pending = [];
  }
}
