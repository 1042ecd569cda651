import type { ArtifactMetadata } from '@bhiv/contracts';
import type { ByteRange, ObjectStoreHealth } from './object-store.ts';

/** One version of one artifact. The names are within the rules of CONTRACT B: the routes check them. */
export type ArtifactRef = {
  readonly bucketId: string;
  readonly artifactId: string;
  readonly version: string;
};

/** What comes with the bytes of an upload. */
export type ArtifactClaim = {
  /** `sha256:` and 64 hex digits in lower case. */
  readonly digest: string;
  /** The exact number of bytes; undefined where the client has not said (a chunked body). */
  readonly size: number | undefined;
  readonly createdAt: string;
  readonly uploadedBy: string;
  readonly provenanceSource: string;
};

export type PutResult =
  | { readonly outcome: 'created'; readonly metadata: ArtifactMetadata }
  | { readonly outcome: 'exists'; readonly metadata: ArtifactMetadata };

/** The bytes of an artifact on their way out. */
export type OpenedArtifact = {
  /** The size of the blob, which is the metadata's `size_bytes`. */
  readonly size: number;
  /**
   * Pieces, each valid until the next is asked for. Where they are verified, the last piece is kept back until the
   * digest of them all was found right; otherwise the iteration fails with ArtifactCorruptError.
   */
  readonly pieces: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
};

/** Artifacts on an ObjectStore: immutable, versioned, verified (CONTRACT B1 to B3). Holds no state worth keeping. */
export interface ArtifactStore {
  /**
   * Stores an artifact version. Resolves when it is durable; `exists` when that version is stored already, in which
   * case the stored metadata is durable too and nothing is overwritten. The bytes are always read to their end and
   * checked, except where the version exists before the first is asked for.
   * Rejects with BlobMismatchError, with ObjectStoreError, or with what `pieces` or `signal` failed with; then nothing
   * of this upload can be seen.
   */
  put(
    ref: ArtifactRef,
    claim: ArtifactClaim,
    pieces: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<PutResult>;

  /** The metadata of exactly this version, durable; null where there is none. */
  stat(ref: ArtifactRef): Promise<ArtifactMetadata | null>;

  /**
   * Opens the bytes of a version. `verify` has no effect on a range. Throws ArtifactCorruptError where they are known
   * to be wrong before the first is sent (missing, shorter or longer than they were).
   */
  open(
    metadata: ArtifactMetadata,
    options: { readonly verify: boolean; readonly range?: ByteRange },
  ): Promise<OpenedArtifact>;

  /** The versions of an artifact in pages, in no order; null where it has none. */
  versions(bucketId: string, artifactId: string): Promise<AsyncIterable<readonly ArtifactMetadata[]> | null>;

  /** Bytes that an upload could take before the engine is full; null where the engine does not say. */
  freeBytes(): Promise<number | null>;

  /** Answers within about a second and never rejects. */
  health(): Promise<ObjectStoreHealth>;

  /** Uploads in flight are ended first, as failed. A second call waits for the first. */
  close(): Promise<void>;
}

/** The stored bytes are not those of the digest. They are never served whole; the right bytes uploaded again heal it. */
export class ArtifactCorruptError extends Error {
  override readonly name = 'ArtifactCorruptError';
  readonly code = 'artifact_corrupt';
  /** The digest, or the size in bytes, that the metadata gives. */
  readonly expected: string | number;
  readonly found: string | number | null;

  constructor(message: string, expected: string | number, found: string | number | null) {
    super(message);
    this.expected = expected;
    this.found = found;
  }
}
