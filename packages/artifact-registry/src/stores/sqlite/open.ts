import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtScript } from '../../built-script.ts';
import { RegistryOpenError } from '../../registry/errors.ts';
import { shown } from '../../shown.ts';
import type { RegistryStore } from '../registry-store.ts';
import { openInWorker } from './store-in-worker.ts';
import { WorkerClient } from './worker-client.ts';

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
  const thread = new WorkerClient(options.workerUrl ?? builtScript('stores/sqlite/worker.js'));
  return openInWorker(thread, { path, busyTimeoutMs });
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
