import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import type { ArtifactMetadata } from '@bhiv/contracts';
import { READ_ONLY } from '../artifact-store/files/system-calls.ts';
import { decodeMetadata } from '../artifact-store/metadata.ts';
import { ObjectStoreError } from '../artifact-store/object-store.ts';
import { codeOf, messageOf } from '../error-words.ts';
import { REMEDY_FOR_RIGHTS } from './walk.ts';

/** The metadata in the file of a ref; null where it is not there any more; or why it cannot be used, and what to do. */
export function readRef(key: string, path: string): ArtifactMetadata | string | null {
  try {
    return decodeMetadata(key, bytesOf(path));
  } catch (error) {
    if (error instanceof ObjectStoreError) {
      return `It cannot be used (${error.reason}). Bring the file back from a copy.`;
    }
    switch (codeOf(error)) {
      case 'ENOENT':
        return null;
      case 'EACCES':
      case 'EPERM':
        return `It cannot be read (${codeOf(error)}). ${REMEDY_FOR_RIGHTS}`;
      default:
        return `It cannot be read (${messageOf(error)}). Look at the disk, or bring the file back from a copy.`;
    }
  }
}

function bytesOf(path: string): Uint8Array {
  const descriptor = openSync(path, READ_ONLY);
  try {
    if (!fstatSync(descriptor).isFile()) throw new ObjectStoreError('damaged', 'not a file', 'not a file');
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
