// The thread of one job: it is started with the job, asks its host for bytes, and ends with the result.
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';
import { fetchTree } from '../fetch/fetch-tree.ts';
import { verifyTree } from '../fetch/verify-tree.ts';
import { healTree } from '../heal/heal-tree.ts';
import { publishTree } from '../publish/publish-tree.ts';
import type { Host } from './host.ts';
import {
  type FromJob,
  failureOf,
  type HostCall,
  HostError,
  type Job,
  type JobKind,
  type ToJob,
} from './wire.ts';

type Settle = { readonly resolve: (value: never) => void; readonly reject: (error: unknown) => void };

const port = parentPort;
if (port === null) throw new Error('this is the script of a worker thread');
const waiting = new Map<number, Settle>();
/** Bytes in memory of the host, with the call that gave them. */
const lent = new WeakMap<Uint8Array, number>();
let calls = 0;

const post = (message: FromJob, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

function call<T>(name: HostCall, argument: unknown): Promise<T> {
  calls += 1;
  const id = calls;
  return new Promise<T>((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    post({ type: 'call', id, name, argument });
  });
}

port.on('message', (answer: ToJob) => {
  const settle = waiting.get(answer.id);
  waiting.delete(answer.id);
  if ('failure' in answer) settle?.reject(new HostError(answer.failure));
  else {
    const { id, value } = answer;
    if (value instanceof Uint8Array && value.buffer instanceof SharedArrayBuffer) lent.set(value, id);
    settle?.resolve(value as never); // the host answers what its function of this name gives
  }
});

/** A port whose other end is closed: what is moved to it is gone. */
const { port1: nowhere, port2 } = new MessageChannel();
port2.close();

const host: Host<unknown> = {
  head: (place) => call('head', place),
  read: (request) => call('read', request),
  release: (bytes) => {
    const id = lent.get(bytes);
    if (id !== undefined) post({ type: 'release', id });
    else if (bytes.buffer instanceof ArrayBuffer) nowhere.postMessage(null, [bytes.buffer]);
  },
  upload: (upload) => call('upload', upload),
  progress: (progress) => post({ type: 'progress', progress }),
};

const JOBS: Readonly<Record<JobKind, (input: never, host: Host<never>) => Promise<unknown>>> = {
  publish: publishTree,
  fetch: fetchTree,
  verify: verifyTree,
  heal: healTree,
};

const { kind, input } = workerData as Job; // started by run-in-thread.ts alone
try {
  post({ type: 'done', result: await JOBS[kind](input as never, host) });
} catch (error) {
  post({ type: 'failed', failure: failureOf(error) });
}
