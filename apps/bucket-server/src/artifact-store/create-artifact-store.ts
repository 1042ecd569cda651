import type { ArtifactMetadata } from '@bhiv/contracts';
import {
  type ArtifactClaim,
  ArtifactCorruptError,
  type ArtifactRef,
  type ArtifactStore,
  type OpenedArtifact,
  type PutResult,
} from './artifact-store.ts';
import { HashThreads } from './hashing/hash-threads.ts';
import { blobKey, describeKey, refKey, refPrefix } from './keys.ts';
import { decodeMetadata, encodeMetadata } from './metadata.ts';
import { type ByteRange, type ListedRef, type ObjectStore, ObjectStoreError } from './object-store.ts';
import { detectingDamage, verified } from './verified-pieces.ts';

export type ArtifactStoreOptions = {
  /** The most bytes that one artifact may have. */
  readonly maxArtifactBytes: number;
  /** The threads that hash, closed by whoever gave them; the store has its own where none are given. */
  readonly hashing?: HashThreads;
  /** Told when one of its own threads dies. What that was doing fails; another takes its place. */
  readonly onWorkerDeath?: (error: Error) => void;
};

/** Artifacts on an ObjectStore, which it closes when it is closed. */
export function createArtifactStore(objects: ObjectStore, options: ArtifactStoreOptions): ArtifactStore {
  return new ObjectArtifactStore(objects, options);
}

class ObjectArtifactStore implements ArtifactStore {
  readonly #objects: ObjectStore;
  readonly #maxBytes: number;
  readonly #hashing: HashThreads;
  readonly #ownsHashing: boolean;

  constructor(
    objects: ObjectStore,
    { maxArtifactBytes, hashing, onWorkerDeath = () => undefined }: ArtifactStoreOptions,
  ) {
    this.#objects = objects;
    this.#maxBytes = maxArtifactBytes;
    this.#ownsHashing = hashing === undefined;
    this.#hashing = hashing ?? new HashThreads(onWorkerDeath);
  }

  async put(
    ref: ArtifactRef,
    claim: ArtifactClaim,
    pieces: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<PutResult> {
    const stored = await this.stat(ref);
    if (stored !== null) return { outcome: 'exists', metadata: stored };
    const sha256 = hexOf(claim.digest);
    const blob = { sha256, size: claim.size, maxBytes: this.#maxBytes };
    const { size } = await this.#objects.putBlob(blobKey(sha256), pieces, blob, signal);
    const metadata = metadataOf(ref, claim, size);
    const outcome = await this.#objects.createRef(refKey(ref), encodeMetadata(metadata));
    return outcome === 'created' ? { outcome, metadata } : { outcome, metadata: await this.#winner(ref) };
  }

  async stat(ref: ArtifactRef): Promise<ArtifactMetadata | null> {
    const key = refKey(ref);
    const bytes = await this.#objects.readRef(key);
    return bytes === null ? null : decodeMetadata(key, bytes);
  }

  async open(
    metadata: ArtifactMetadata,
    { verify, range }: { readonly verify: boolean; readonly range?: ByteRange },
  ): Promise<OpenedArtifact> {
    const { digest, size_bytes: size } = metadata;
    const sha256 = hexOf(digest);
    const object = await this.#objects.get(blobKey(sha256), range);
    if (object === null) throw new ArtifactCorruptError(`The bytes of ${digest} are missing.`, size, null);
    if (object.size !== size) {
      await object.close();
      const message = `The bytes of ${digest} are ${object.size} and must be ${size}.`;
      throw new ArtifactCorruptError(message, size, object.size);
    }
    const isVerified = verify && range === undefined;
    const pieces = isVerified
      ? verified(object.pieces, { sha256, size, hashing: this.#hashing })
      : detectingDamage(object.pieces, size);
    return { size, pieces, close: () => object.close() };
  }

  async versions(
    bucketId: string,
    artifactId: string,
  ): Promise<AsyncIterable<readonly ArtifactMetadata[]> | null> {
    const pages = this.#objects.listRefs(refPrefix(bucketId, artifactId))[Symbol.asyncIterator]();
    const first = await pages.next();
    return first.done ? null : decoded(first.value, pages);
  }

  freeBytes() {
    return this.#objects.freeBytes();
  }

  health() {
    return this.#objects.health();
  }

  async close(): Promise<void> {
    await this.#objects.close();
    if (this.#ownsHashing) await this.#hashing.close();
  }

  async #winner(ref: ArtifactRef): Promise<ArtifactMetadata> {
    const metadata = await this.stat(ref);
    if (metadata !== null) return metadata;
    const message = `${describeKey(refKey(ref))} was there and is gone: somebody else removes files of the artifact store.`;
    throw new ObjectStoreError('unavailable', message, 'ref gone');
  }
}

async function* decoded(
  first: readonly ListedRef[],
  rest: AsyncIterator<readonly ListedRef[]>,
): AsyncGenerator<readonly ArtifactMetadata[]> {
  const decode = (page: readonly ListedRef[]) => page.map(({ key, bytes }) => decodeMetadata(key, bytes));
  try {
    yield decode(first);
    for (let page = await rest.next(); !page.done; page = await rest.next()) yield decode(page.value);
  } finally {
    await rest.return?.();
  }
}

function metadataOf(ref: ArtifactRef, claim: ArtifactClaim, size: number): ArtifactMetadata {
  return {
    bucket_id: ref.bucketId,
    artifact_id: ref.artifactId,
    version: ref.version,
    digest: claim.digest,
    size_bytes: size,
    created_at: claim.createdAt,
    uploaded_by: claim.uploadedBy,
    provenance_source: claim.provenanceSource,
  };
}

function hexOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
