import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtScript } from '../../built-script.ts';
import { RegistryError, RegistryOpenError } from '../../registry/errors.ts';
import { shown } from '../../shown.ts';
import { closedError } from '../closed.ts';
import type { RegistryStore } from '../registry-store.ts';
import { WorkerClient, WorkerGoneError } from './worker-client.ts';

export interface SqliteStoreOptions {
  /**
   * The file of the registry, a path or a `file:` URL, on a local disk. It is created where it is not there, with the
   * folders above it (mode 0700). Beside it lie `-wal` and `-shm` while it is open.
   */
  readonly path: string | URL;
  /**
   * ms that a call waits for other processes that write to the same file, before it rejects with `store_busy`.
   * @default 30000
   */
  readonly busyTimeoutMs?: number | undefined;
  /**
   * The script of the worker thread, for programs that are bundled into one file:
   * `new URL(import.meta.resolve('@bhiv/artifact-registry/sqlite-worker'))`.
   * @default the one of this package
   */
  readonly workerUrl?: URL | undefined;
}

const DEFAULT_BUSY_TIMEOUT_MS = 30_000;

/**
 * Opens or creates a registry in a SQLite file. SQLite works in a thread of its own, so no call holds the caller's
 * event loop while the disk works. Any number of processes may have the file open and write to it, and any may be killed
 * at any time. Rejects with RegistryOpenError.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<RegistryStore> {
  const path = pathOf(options.path);
  const busyTimeoutMs = timeoutOf(options.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS);
  const worker = new WorkerClient(options.workerUrl ?? builtScript('stores/sqlite/worker.js'));
  try {
    await worker.call('open', { path, busyTimeoutMs });
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

function pathOf(path: unknown): string {
  if (path instanceof URL) return fileURLToPath(path);
  if (typeof path === 'string' && path !== '' && path !== ':memory:' && !path.includes('\0'))
    return resolve(path);
  const message = `path is ${shown(path)} but must be the path of a file. For a registry in memory there is memoryStore().`;
  throw new RegistryOpenError('unusable', message, { found: shown(path) });
}

function timeoutOf(ms: unknown): number {
  if (typeof ms === 'number' && ms >= 0 && ms <= 2 ** 31 - 1) return ms;
  const message = `busyTimeoutMs is ${shown(ms)} but must be a number of ms from 0, for example ${DEFAULT_BUSY_TIMEOUT_MS}.`;
  throw new RegistryOpenError('unusable', message, { found: shown(ms) });
}
