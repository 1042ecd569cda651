import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../error-words.ts';
import { LAYOUT_VERSION, ObjectStoreOpenError } from '../object-store.ts';
import { FILE_MODE } from './system-calls.ts';

/**
 * Where everything is, within the folder of artifacts:
 *
 *     layout-version   the number of the layout, and a line feed
 *     bucket.lock      locked by the process that works here
 *     scrub-state      how far the scrub is
 *     tmp/             <boot id>-<uuid>: files that are being written
 *     blobs/, refs/    as object-store.ts draws them
 */
export class Paths {
  readonly root: string;
  readonly tmp: string;
  readonly blobs: string;
  readonly sha256: string;
  readonly refs: string;
  readonly layoutVersion: string;

  /** `dataFolder` is an absolute path. */
  constructor(dataFolder: string) {
    this.root = join(dataFolder, 'artifacts');
    this.tmp = join(this.root, 'tmp');
    this.blobs = join(this.root, 'blobs');
    this.sha256 = join(this.blobs, 'sha256');
    this.refs = join(this.root, 'refs');
    this.layoutVersion = join(this.root, 'layout-version');
  }

  /** The path of a key of the layout. */
  of(key: string): string {
    return join(this.root, key);
  }
}

/** Throws ObjectStoreOpenError unless the folder has the layout of this program; undefined where it has none yet. */
export function readLayoutVersion(paths: Paths): number | undefined {
  let text: string;
  try {
    text = readFileSync(paths.layoutVersion, 'latin1');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const version = /^\d{1,9}\n$/.test(text) ? Number(text) : 0;
  if (version === 0) {
    const message = `${paths.layoutVersion} has no layout version in it: either ${paths.root} holds something else than artifacts, or the file is damaged. Bring it back from a copy (this Bucket writes ${LAYOUT_VERSION}).`;
    throw new ObjectStoreOpenError('foreign', message);
  }
  if (version > LAYOUT_VERSION) {
    const message = `${paths.root} has layout ${version}, which a newer Bucket has written; this one knows layouts up to ${LAYOUT_VERSION}. Start the newer one, or point BUCKET_DATA_DIR at another folder.`;
    throw new ObjectStoreOpenError('newer_layout', message);
  }
  return version;
}

/** The file appears whole or not at all; the caller fsyncs the folder. */
export function writeLayoutVersion(paths: Paths): void {
  const temp = join(paths.root, 'layout-version.new');
  const descriptor = openSync(temp, 'w', FILE_MODE);
  try {
    writeSync(descriptor, `${LAYOUT_VERSION}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temp, paths.layoutVersion);
}
