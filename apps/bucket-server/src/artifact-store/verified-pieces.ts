import { createHash } from 'node:crypto';
import { codeOf, messageOf, reasonOf } from '../error-words.ts';
import { ArtifactCorruptError } from './artifact-store.ts';
import type { HashJob, HashThreads } from './hashing/hash-threads.ts';
import { ObjectStoreError } from './object-store.ts';

type Expected = { readonly sha256: string; readonly size: number; readonly hashing: HashThreads };

/** So few bytes are hashed sooner here than in another thread. */
const HASHED_HERE = 64 * 1024;

type Checked = { readonly bytes: Uint8Array; readonly hashed: Promise<void> };

/**
 * The same pieces, checked: each is hashed while the one before it is on its way out, and the last is kept back until
 * the digest of all was found right. Fails with ArtifactCorruptError; then the last piece has not been given out.
 */
export async function* verified(
  pieces: AsyncIterable<Uint8Array>,
  { sha256, size, hashing }: Expected,
): AsyncGenerator<Uint8Array> {
  const job = size <= HASHED_HERE ? hashHere() : hashing.start();
  try {
    let previous: Checked | undefined;
    let received = 0;
    // After the last byte nothing more is asked for: the piece stays valid while it is on its way out.
    for await (const bytes of detectingDamage(pieces, size)) {
      received += bytes.length;
      const current: Checked = { bytes, hashed: job.update(bytes) };
      current.hashed.catch(() => undefined); // awaited below, before the bytes may be used again
      if (received >= size) await mustMatch(job, sha256);
      if (previous !== undefined) {
        yield previous.bytes;
        await previous.hashed.catch(hashingFailed);
      }
      previous = current;
      if (received >= size) {
        yield bytes;
        return;
      }
    }
    await mustMatch(job, sha256);
  } finally {
    job.drop();
  }
}

/** The same pieces; where the engine finds the object damaged, ArtifactCorruptError says so. */
export async function* detectingDamage(
  pieces: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    if (codeOf(error) !== 'damaged') throw error;
    throw new ArtifactCorruptError(messageOf(error), size, null);
  }
}

async function mustMatch(job: HashJob, expected: string): Promise<void> {
  const found = await job.digest().catch(hashingFailed);
  if (found === expected) return;
  const message = `The stored bytes of sha256:${expected} are damaged: their digest is sha256:${found}. Uploading the right bytes under another version heals them.`;
  throw new ArtifactCorruptError(message, `sha256:${expected}`, `sha256:${found}`);
}

function hashingFailed(error: unknown): never {
  throw new ObjectStoreError('unavailable', 'The bytes could not be verified: ask again.', reasonOf(error), {
    cause: error,
  });
}

function hashHere(): HashJob {
  const hash = createHash('sha256');
  return {
    update: async (bytes) => void hash.update(bytes),
    digest: async () => hash.digest('hex'),
    drop: () => undefined,
  };
}
