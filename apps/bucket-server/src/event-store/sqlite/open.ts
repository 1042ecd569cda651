import { join } from 'node:path';
import { DataFolderError, lockFolder, prepareFolder, syncFolders } from '../../data-folder/folder.ts';
import { messageOf } from '../../error-words.ts';
import { threadScript } from '../../threads/start-thread.ts';
import { WorkerCallError, WorkerClient } from '../../threads/worker-client.ts';
import { type EventStore, EventStoreOpenError, type EventStoreOpenErrorCode } from '../event-store.ts';
import { DataFiles } from './data-files.ts';
import type { Failure } from './failure.ts';
import type { ReaderFunctions } from './reader-worker.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';
import type { WriterFunctions } from './writer-worker.ts';

export type SqliteEventStoreOptions = {
  /** The data folder; created with mode 0700 where it is missing. It holds events.db (and its WAL) and bucket.lock. */
  readonly folder: string;
  /** Bytes of events that may wait for the disk; beyond it `append` rejects with `overloaded`. @default 64 MiB */
  readonly maxQueueBytes?: number;
  /** Told when a worker thread dies: the store is `unavailable` from then on, until the process starts anew. */
  readonly onWorkerDeath?: (error: Error) => void;
  /** Other scripts for the worker threads: for tests of what happens when one dies. */
  readonly workers?: { readonly writer?: URL; readonly reader?: URL; readonly lister?: URL };
};

const DEFAULT_QUEUE_BYTES = 64 * 1024 * 1024;

/**
 * Opens or creates the embedded event store in a folder and locks the folder for this process.
 * The time it takes does not depend on how many events are stored. Rejects with EventStoreOpenError.
 */
export async function openSqliteEventStore(options: SqliteEventStoreOptions): Promise<EventStore> {
  const { folder, workers, onWorkerDeath = () => undefined } = options;
  const path = join(folder, 'events.db');
  const { uppermost, unlock } = takeFolder(folder);
  const writer = WorkerClient.start<WriterFunctions>(
    workers?.writer ?? threadScript(import.meta.url, 'writer-worker'),
    onWorkerDeath,
  );
  const reader = WorkerClient.start<ReaderFunctions>(
    workers?.reader ?? threadScript(import.meta.url, 'reader-worker'),
    onWorkerDeath,
  );
  // Pages of listings are read by a thread of their own, so that no other read waits behind them.
  const lister = WorkerClient.start<ReaderFunctions>(
    workers?.lister ?? threadScript(import.meta.url, 'reader-worker'),
    onWorkerDeath,
  );
  let firstFailure: Failure | null;
  try {
    firstFailure = await writer.call('open', path);
    syncFolders(folder, uppermost);
    await Promise.all([reader.call('open', path), lister.call('open', path)]);
  } catch (error) {
    await Promise.all([writer.terminate(), reader.terminate(), lister.terminate()]);
    unlock();
    throw asOpenError(error, path);
  }
  return new SqliteEventStore({
    writer,
    reader,
    lister,
    files: new DataFiles(path),
    firstFailure: firstFailure ?? undefined,
    unlock,
    maxQueueBytes: options.maxQueueBytes ?? DEFAULT_QUEUE_BYTES,
  });
}

function takeFolder(folder: string): { uppermost: string; unlock: () => void } {
  try {
    return { uppermost: prepareFolder(folder), unlock: lockFolder(folder) };
  } catch (error) {
    if (error instanceof DataFolderError) throw new EventStoreOpenError(error.code, error.message);
    throw error;
  }
}

const OPEN_ERROR_CODES: readonly EventStoreOpenErrorCode[] = [
  'locked',
  'newer_schema',
  'foreign',
  'unusable',
];

function asOpenError(error: unknown, path: string): EventStoreOpenError {
  if (error instanceof WorkerCallError) {
    const code = OPEN_ERROR_CODES.find((known) => known === error.code);
    if (code !== undefined) return new EventStoreOpenError(code, error.message);
  }
  return new EventStoreOpenError(
    'unusable',
    `${path} cannot be opened as an event store: ${messageOf(error)}`,
  );
}
