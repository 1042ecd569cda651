import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Paths, readLayoutVersion } from '../artifact-store/files/layout.ts';
import { lockArtifacts, mustBeWhole } from '../artifact-store/files/open.ts';
import { ObjectStoreOpenError } from '../artifact-store/object-store.ts';
import { codeOf } from '../error-words.ts';
import { Check } from './check.ts';
import type { Finding, FindingKind } from './finding.ts';
import { REMEDY_FOR_RIGHTS } from './walk.ts';

export type FsckOptions = {
  /** The data folder of a Bucket. */
  readonly folder: string;
  /** Removes blobs that no artifact has. Only while no Bucket runs. @default false */
  readonly removeOrphans?: boolean;
  /** Told of everything as it is found: there may be more than fits into memory. */
  readonly onFinding?: (finding: Finding) => void;
  /** Called some times a second. */
  readonly onProgress?: (progress: FsckProgress) => void;
};

export type FsckProgress = {
  readonly phase: 'blobs' | 'artifacts' | 'orphans';
  readonly blobs: number;
  readonly bytes: number;
  readonly artifacts: number;
};

export type FsckReport = {
  readonly blobs: number;
  /** Of all blobs. */
  readonly bytes: number;
  readonly artifacts: number;
  readonly found: Readonly<Partial<Record<FindingKind, number>>>;
  /** Whether a Bucket worked in the folder when it began. */
  readonly besideBucket: boolean;
  /** Why orphans that were to be removed were kept: they may be the bytes of an artifact that is not known. Else null. */
  readonly keptOrphans: string | null;
};

/**
 * Reads all that is stored and says what is wrong with it. It changes nothing, and may run beside a Bucket, unless it is
 * to remove orphans. Memory stays bounded: 8 bytes an artifact. Rejects with ObjectStoreOpenError where it cannot run
 * (`locked`: a Bucket works in the folder, and orphans were to be removed; `unusable`: no store, or one without its refs).
 */
export async function runFsck(options: FsckOptions): Promise<FsckReport> {
  const paths = new Paths(resolve(options.folder));
  if (!isThere(paths.root) || readLayoutVersion(paths) === undefined) {
    const message = `No artifacts are stored in ${paths.root}: set BUCKET_DATA_DIR to the data folder of the Bucket.`;
    throw new ObjectStoreOpenError('unusable', message);
  }
  mustBeWhole(paths);
  const { removeOrphans = false } = options;
  const unlock = lockWherePossible(paths, removeOrphans);
  if (!removeOrphans) unlock?.();
  try {
    const check = new Check(paths, options, unlock === undefined);
    return await check.run(removeOrphans);
  } finally {
    if (removeOrphans) unlock?.();
  }
}

/** Throws ObjectStoreOpenError where nobody can say. */
function isThere(folder: string): boolean {
  try {
    statSync(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    const message = `${folder} cannot be looked at (${codeOf(error)}). ${REMEDY_FOR_RIGHTS}`;
    throw new ObjectStoreOpenError('unusable', message);
  }
}

/** undefined where a Bucket runs, or may. */
function lockWherePossible(paths: Paths, mustLock: boolean): (() => void) | undefined {
  try {
    return lockArtifacts(paths);
  } catch (error) {
    if (mustLock) throw error;
    return undefined;
  }
}
