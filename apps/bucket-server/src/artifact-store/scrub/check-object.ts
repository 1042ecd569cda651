import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ArtifactMetadata } from '@bhiv/contracts';
import { codeOf, messageOf } from '../../error-words.ts';
import { blobKey } from '../keys.ts';
import { decodeMetadata } from '../metadata.ts';
import type { ObjectStore } from '../object-store.ts';

/** Something that is not as it was stored. `message` says what, and what to do. */
export type Damage = {
  readonly kind: 'damaged_blob' | 'missing_blob' | 'wrong_size' | 'bad_ref';
  /** Of the blob or the ref. */
  readonly key: string;
  readonly message: string;
};

/** Bytes are hashed in stretches of this length, so that the event loop is not held. */
const STRETCH = 64 * 1024;

/**
 * Reads a blob and compares its digest; null where it is right, or not there any more. Calls `onRead` after each stretch.
 * Rejects with ObjectStoreError where the engine fails.
 */
export async function checkBlob(
  objects: ObjectStore,
  key: string,
  onRead: (bytes: number) => Promise<void>,
): Promise<Damage | null> {
  const found = await digestOf(objects, key, onRead);
  if (found === null || key.endsWith(found)) return null;
  const remedy = 'Uploading the right ones under a new version heals it.';
  return { kind: 'damaged_blob', key, message: `The bytes of ${key} are damaged (${found}). ${remedy}` };
}

async function digestOf(
  objects: ObjectStore,
  key: string,
  onRead: (bytes: number) => Promise<void>,
): Promise<string | null> {
  const object = await objects.get(key);
  if (object === null) return null;
  const hash = createHash('sha256');
  try {
    for await (const piece of object.pieces) {
      for (let start = 0; start < piece.length; start += STRETCH) {
        hash.update(piece.subarray(start, start + STRETCH));
        await nextTurn();
        await onRead(Math.min(STRETCH, piece.length - start));
      }
    }
    return hash.digest('hex');
  } catch (error) {
    if (codeOf(error) === 'damaged') return messageOf(error);
    throw error;
  } finally {
    await object.close();
  }
}

/** Looks whether an artifact has readable metadata and bytes of the right number; null where it has. */
export async function checkRef(objects: ObjectStore, key: string): Promise<Damage | null> {
  const bytes = await objects.readRef(key);
  if (bytes === null) return null;
  const metadata = readable(key, bytes);
  if (typeof metadata === 'string') return { kind: 'bad_ref', key, message: metadata };
  const { digest, size_bytes } = metadata;
  const found = await objects.stat(blobKey(digest.slice('sha256:'.length)));
  if (found?.size === size_bytes) return null;
  if (found === null)
    return { kind: 'missing_blob', key, message: `The bytes of ${key} (${digest}) are missing.` };
  const message = `${key} has ${size_bytes} bytes and ${found.size} are stored (${digest}).`;
  return { kind: 'wrong_size', key, message };
}

/** The metadata in a ref, or why they are not to be used. */
function readable(key: string, bytes: Uint8Array): ArtifactMetadata | string {
  try {
    return decodeMetadata(key, bytes);
  } catch (error) {
    if (codeOf(error) !== 'damaged') throw error;
    return messageOf(error);
  }
}
