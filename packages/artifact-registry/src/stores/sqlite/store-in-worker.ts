import { RegistryError, RegistryOpenError } from '../../registry/errors.ts';
import { closedError } from '../closed.ts';
import type { RegistryStore } from '../registry-store.ts';
import { type WorkerClient, WorkerGoneError } from './worker-client.ts';

/** Opens a store in a worker thread, which is terminated when the store is closed, or cannot be opened. */
export async function openInWorker(
  worker: WorkerClient,
  options: { readonly path: string; readonly busyTimeoutMs: number },
): Promise<RegistryStore> {
  const { path } = options;
  try {
    await worker.call('open', options);
  } catch (error) {
    await worker.terminate();
    if (!(error instanceof WorkerGoneError)) throw error;
    const message = `${path} cannot be opened: the thread for it is gone (${error.message}). Look at workerUrl, and at the memory that the process has left.`;
    throw new RegistryOpenError('unusable', message);
  }
  return storeInWorker(worker, path);
}

/** The store whose every call is made in the worker thread. */
function storeInWorker(worker: WorkerClient, path: string): RegistryStore {
  let closing: Promise<void> | undefined;
  const run = async <Result>(kind: 'read' | 'write', call: () => Promise<Result>): Promise<Result> => {
    if (closing !== undefined) throw closedError();
    return call().catch((error: unknown) => {
      throw error instanceof WorkerGoneError ? threadIsGone(error, { kind, path }) : error;
    });
  };
  return {
    register: (registration) => run('write', () => worker.call('register', registration)),
    find: (key) => run('read', () => worker.call('find', key)),
    search: (query) => run('read', () => worker.call('search', query)),
    changeAlias: (change) => run('write', () => worker.call('changeAlias', change)),
    aliases: (logicalId) => run('read', () => worker.call('aliases', logicalId)),
    aliasHistory: (query) => run('read', () => worker.call('aliasHistory', query)),
    changeTags: (change) => run('write', () => worker.call('changeTags', change)),
    lineage: (query) => run('read', () => worker.call('lineage', query)),
    close() {
      closing ??= shutDown(worker);
      return closing;
    },
  };
}

async function shutDown(worker: WorkerClient): Promise<void> {
  try {
    await worker.call('close');
  } catch (error) {
    if (!(error instanceof WorkerGoneError)) throw error; // a thread that is gone has let everything go
  } finally {
    await worker.terminate();
  }
}

function threadIsGone(
  error: WorkerGoneError,
  { kind, path }: { readonly kind: 'read' | 'write'; readonly path: string },
): RegistryError {
  const isUnknown = kind === 'write' && error.wasCalled;
  const what = isUnknown ? 'Nobody can say whether the change is there' : 'Nothing was changed';
  const message = `The thread that works on ${path} is gone (${error.message}). ${what}: open the registry anew; registering again is safe.`;
  return new RegistryError(isUnknown ? 'outcome_unknown' : 'store_failed', message);
}
