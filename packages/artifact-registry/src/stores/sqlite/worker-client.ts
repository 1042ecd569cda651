import { Worker } from 'node:worker_threads';
import { messageOf } from '../../shown.ts';
import { type Answer, asError, type Call, type StoreFunctions } from './protocol.ts';

/** The worker thread is gone, or was before the call. What it was doing has an unknown outcome. */
export class WorkerGoneError extends Error {
  override readonly name = 'WorkerGoneError';
  /** Whether the thread had been given the call. */
  readonly wasCalled: boolean;

  constructor(message: string, wasCalled: boolean) {
    super(message);
    this.wasCalled = wasCalled;
  }
}

type Pending = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/**
 * Calls the functions of a worker thread. The thread keeps the process alive while a call is under way, and no longer.
 * One that died is not started again.
 */
export class WorkerClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #gone: string | undefined;

  constructor(script: URL) {
    let cause = 'it ended by itself';
    // The caller's flags are not for this script: `node --input-type=module -e` would keep it from being read.
    this.#worker = new Worker(script, { execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (error) => {
      cause = messageOf(error);
    });
    this.#worker.on('exit', () => this.#die(cause));
  }

  /** Rejects with RegistryError, RegistryOpenError or WorkerGoneError. */
  call<Name extends keyof StoreFunctions>(
    name: Name,
    ...args: Parameters<StoreFunctions[Name]>
  ): ReturnType<StoreFunctions[Name]>;
  call(name: keyof StoreFunctions, ...args: readonly unknown[]): Promise<unknown> {
    if (this.#gone !== undefined) return Promise.reject(new WorkerGoneError(this.#gone, false));
    this.#lastId += 1;
    const call: Call = { id: this.#lastId, name, args };
    return new Promise((resolve, reject) => {
      this.#pending.set(call.id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage(call);
    });
  }

  /** Ends the thread, whatever it is doing. */
  async terminate(): Promise<void> {
    this.#die('it was ended');
    await this.#worker.terminate();
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if ('failure' in answer) pending?.reject(asError(answer.failure));
    else pending?.resolve(answer.value);
  }

  #die(cause: string): void {
    this.#gone ??= cause;
    for (const { reject } of this.#pending.values()) reject(new WorkerGoneError(this.#gone, true));
    this.#pending.clear();
  }
}
