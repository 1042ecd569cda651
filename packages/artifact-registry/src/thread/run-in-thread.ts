import { Worker } from 'node:worker_threads';
import { builtScript } from '../built-script.ts';
import { messageOf } from '../shown.ts';
import { aborted, TransferError } from '../transfer-error.ts';
import type { Host, Place, ReadRequest, Upload } from './host.ts';
import { errorOf, type FromJob, failureOf, type JobKind, type ToJob } from './wire.ts';

export interface ThreadOptions {
  /** Ends the call with the code `aborted`. Calling again goes on where it ended. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The script of the thread, for a program that is bundled into one file:
   * `new URL(import.meta.resolve('@bhiv/artifact-registry/transfer-worker'))`.
   * @default the one beside this module
   */
  readonly workerUrl?: URL | undefined;
}

/**
 * Runs a job in a worker thread, so that the thread of the caller does no more than move bytes between it and the
 * transport. Rejects with what the job failed with: the very error of the host where it was one of its calls. When it
 * settles, the thread is gone and nothing of the host runs any more.
 */
export async function runInThread<Result, Progress>(
  kind: JobKind,
  input: unknown,
  host: Host<Progress>,
  { signal, workerUrl = builtScript('thread/worker.js') }: ThreadOptions,
): Promise<Result> {
  if (signal?.aborted) throw aborted(signal);
  const worker = new Worker(workerUrl, {
    workerData: { kind, input },
    name: `bhiv-${kind}`,
    execArgv: [],
  });
  const calls = new HostCalls(host, worker);
  let abort: (() => void) | undefined;
  try {
    return await new Promise<Result>((resolve, reject) => {
      abort = () => reject(aborted(signal));
      signal?.addEventListener('abort', abort, { once: true });
      worker.on('message', (message: FromJob) => {
        if (message.type === 'call') void calls.answer(message);
        else if (message.type === 'release') calls.release(message.id);
        else if (message.type === 'progress') calls.tell(message.progress, reject);
        else if (message.type === 'done')
          resolve(message.result as Result); // what its kind gives
        else reject(calls.errorBehind(message.failure) ?? errorOf(message.failure));
      });
      worker.on('error', (error) => reject(gone(messageOf(error))));
      worker.on('exit', (code) => reject(gone(`it ended with the code ${code}`)));
    });
  } catch (error) {
    throw signal?.aborted ? aborted(signal) : error;
  } finally {
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
    await worker.terminate();
    await calls.settled();
  }
}

/** What the job asks for. It keeps the errors of the host, so that the caller gets them as they were. */
class HostCalls<Progress> {
  readonly #host: Host<Progress>;
  readonly #worker: Worker;
  readonly #running = new Set<Promise<void>>();
  readonly #errors = new Map<number, unknown>();
  readonly #lent = new Map<number, Uint8Array>();

  constructor(host: Host<Progress>, worker: Worker) {
    this.#host = host;
    this.#worker = worker;
  }

  answer({ id, name, argument }: Extract<FromJob, { type: 'call' }>): Promise<void> {
    // The job sends what the functions of Host take: both ends are of one version.
    const call = {
      head: () => this.#host.head(argument as Place),
      read: () => this.#host.read(argument as ReadRequest),
      upload: () => this.#host.upload(argument as Upload),
    }[name];
    const running = call().then(
      (value) => {
        const shared = value instanceof Uint8Array && value.buffer instanceof SharedArrayBuffer;
        if (shared) this.#lent.set(id, value);
        const moved =
          value instanceof Uint8Array && value.buffer instanceof ArrayBuffer ? [value.buffer] : [];
        this.#post({ id, value }, moved);
      },
      (error: unknown) => {
        this.#errors.set(id, error);
        this.#post({ id, failure: failureOf(error, id) }, []);
      },
    );
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }

  /** The job is through with the bytes that a call gave it. */
  release(id: number): void {
    const bytes = this.#lent.get(id);
    this.#lent.delete(id);
    if (bytes !== undefined) this.#host.release(bytes);
  }

  /** What the caller's own function throws ends the job. */
  tell(progress: unknown, reject: (error: unknown) => void): void {
    try {
      this.#host.progress(progress as Progress); // the job sends no other
    } catch (error) {
      reject(error);
    }
  }

  /** The very error that a call of the host threw; undefined where the job failed by itself. */
  errorBehind({ call }: { readonly call: number | undefined }): unknown {
    return call === undefined ? undefined : this.#errors.get(call);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  #post(answer: ToJob, transfer: ArrayBuffer[]): void {
    this.#worker.postMessage(answer, transfer);
  }
}

function gone(why: string): TransferError {
  const message = `The thread that does the work is gone: ${why}. Call again: what was done is not done anew.`;
  return new TransferError('worker_failed', message);
}
