import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '../../error-words.ts';
import { ObjectStoreOpenError } from '../object-store.ts';
import type { Paths } from './layout.ts';
import { FILE_MODE } from './system-calls.ts';

/** Of the length of the longest id, and never one: `~` stands in none. The same each time, so a crash leaves one at most. */
const PROBE_NAME = `~probe-${'a'.repeat(248)}`;

const REMEDY = 'Point BUCKET_DATA_DIR at a folder of one local file system, such as ext4 or XFS.';

/**
 * Finds out whether the file system keeps what the store rests on, by doing it: rename and link between the folders,
 * EEXIST, names that differ in case, names of 255 characters, fsync of a folder. Throws ObjectStoreOpenError.
 */
export function checkFileSystem(paths: Paths): void {
  const probes = [paths.tmp, paths.sha256, paths.refs].map((folder) => join(folder, PROBE_NAME));
  const [temp = '', blob = '', ref = ''] = probes;
  const remove = () => {
    for (const probe of probes) rmSync(probe, { force: true });
  };
  try {
    remove();
    const devices = new Set(
      [paths.root, paths.tmp, paths.sha256, paths.refs].map((folder) => statSync(folder).dev),
    );
    if (devices.size > 1)
      throw new Error(`tmp, blobs and refs must be on one file system and are on ${devices.size}`);
    writeFileSync(temp, 'probe', { flag: 'wx', mode: FILE_MODE });
    linkSync(temp, ref);
    if (existsSync(ref.toUpperCase().replace(paths.refs.toUpperCase(), paths.refs))) {
      throw new Error('the file system takes names that differ in case for the same one');
    }
    mustGiveEexist(temp, ref);
    renameSync(temp, blob);
    syncFolder(paths.sha256);
    remove();
  } catch (error) {
    throw unfit(paths, error);
  }
}

function mustGiveEexist(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  throw new Error(
    'a link to a name that exists replaces what is there: two uploads of one version could both win',
  );
}

/** Makes the names in a folder durable. */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unfit(paths: Paths, error: unknown): ObjectStoreOpenError {
  const message = `The file system under ${paths.root} cannot hold artifacts: ${messageOf(error)}. ${REMEDY}`;
  return new ObjectStoreOpenError('unusable', message);
}
