import { existsSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { DataFolderError, lockFolder, prepareFolder, syncFolders } from '../../data-folder/folder.ts';
import { fullDisk } from '../../data-folder/room.ts';
import { codeOf, messageOf } from '../../error-words.ts';
import { HashThreads } from '../hashing/hash-threads.ts';
import { LAYOUT_VERSION, type ObjectStore, ObjectStoreOpenError } from '../object-store.ts';
import { checkFileSystem, syncFolder } from './check-file-system.ts';
import { FileObjectStore } from './file-object-store.ts';
import { Paths, readLayoutVersion, writeLayoutVersion } from './layout.ts';
import { OwnFolders } from './own-folders.ts';
import { FOLDER_MODE } from './system-calls.ts';
import { isTempName } from './temp-files.ts';

export type FileObjectStoreOptions = {
  /** The data folder. The store is its sub-folder `artifacts`, created with mode 0700 where it is missing. */
  readonly folder: string;
  /** The threads that hash, closed by whoever gave them; the store has its own where none are given. */
  readonly hashing?: HashThreads;
  /** Told when a worker thread dies. What it was doing fails; another thread takes its place. */
  readonly onWorkerDeath?: (error: Error) => void;
};

/**
 * Opens or creates the embedded object store and locks its folder for this process: one Bucket, one folder. What a
 * process that was killed has left half-written is removed. The time it takes does not depend on how much is stored.
 * Rejects with ObjectStoreOpenError.
 */
export async function openFileObjectStore(options: FileObjectStoreOptions): Promise<ObjectStore> {
  const { onWorkerDeath = () => undefined } = options;
  const hashing = options.hashing ?? new HashThreads(onWorkerDeath);
  const ownsHashing = options.hashing === undefined;
  const paths = new Paths(resolve(options.folder));
  const uppermost = prepare(paths);
  const unlock = lockArtifacts(paths);
  try {
    prepareLayout(paths, uppermost);
    const own = new OwnFolders(paths);
    return new FileObjectStore({ paths, own, unlock, onWorkerDeath, hashing, ownsHashing });
  } catch (error) {
    unlock();
    throw asOpenError(paths, error);
  }
}

function prepare(paths: Paths): string {
  try {
    return prepareFolder(paths.root);
  } catch (error) {
    throw asOpenError(paths, error);
  }
}

/**
 * Makes the folder of artifacts this process's own until the function that comes back is called or the process is gone.
 * Throws ObjectStoreOpenError `locked`.
 */
export function lockArtifacts(paths: Paths): () => void {
  try {
    return lockFolder(paths.root);
  } catch (error) {
    if (codeOf(error) !== 'locked') throw asOpenError(paths, error);
    const message = `Another process works in ${paths.root}: a Bucket, or a fsck that removes orphans. Stop it first, or set BUCKET_DATA_DIR to another folder.`;
    throw new ObjectStoreOpenError('locked', message);
  }
}

/** Nothing is said of a name that a power cut could take away, so the upper folders are fsynced before anything else. */
function prepareLayout(paths: Paths, uppermost: string): void {
  const version = readLayoutVersion(paths);
  if (version !== undefined) mustBeWhole(paths);
  for (const folder of [paths.tmp, paths.blobs, paths.sha256, paths.refs]) makeFolder(folder);
  checkFileSystem(paths);
  if (version === undefined) begin(paths);
  sweep(paths);
  for (const folder of [paths.sha256, paths.blobs, paths.refs]) syncFolder(folder);
  syncFolders(paths.root, uppermost === paths.root ? dirname(paths.root) : uppermost);
}

/**
 * Throws ObjectStoreOpenError `unusable` where a store has lost its refs or its blobs: with a new folder in their place
 * it would look empty, and every version could be stored anew with other bytes.
 */
export function mustBeWhole(paths: Paths): void {
  for (const folder of [paths.refs, paths.sha256]) {
    if (existsSync(folder)) continue;
    const message = `${paths.root} has a layout-version and no ${relative(paths.root, folder)}: it was not restored whole, or that folder was moved or is not mounted. Bring it back. (To begin with an empty store, move ${paths.root} away.)`;
    throw new ObjectStoreOpenError('unusable', message);
  }
}

/** Writes the version of the layout, before anything else is stored and after its folders are durable. */
function begin(paths: Paths): void {
  if (readdirSync(paths.refs).length > 0) {
    const message = `${paths.root} has refs and no layout-version: either it holds something else than artifacts, or that file was lost. Bring it back from a copy (this Bucket writes ${LAYOUT_VERSION}).`;
    throw new ObjectStoreOpenError('foreign', message);
  }
  for (const folder of [paths.blobs, paths.root]) syncFolder(folder);
  writeLayoutVersion(paths);
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: FOLDER_MODE });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Removes the temporary files of processes that are gone. A folder is none, whatever its name; fsck tells of it. */
function sweep(paths: Paths): void {
  for (const entry of readdirSync(paths.tmp, { withFileTypes: true })) {
    if (entry.isFile() && isTempName(entry.name)) unlinkSync(join(paths.tmp, entry.name));
  }
}

function asOpenError(paths: Paths, error: unknown): ObjectStoreOpenError {
  if (error instanceof ObjectStoreOpenError) return error;
  if (error instanceof DataFolderError) return new ObjectStoreOpenError('unusable', error.message);
  const remedy = fullDisk(paths.root) ?? 'Mend that, or point BUCKET_DATA_DIR at another folder.';
  const message = `${paths.root} cannot be opened as an artifact store: ${messageOf(error)}. ${remedy}`;
  return new ObjectStoreOpenError('unusable', message);
}
