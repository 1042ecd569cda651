/**
 * The ObjectStore seam: everything that Bucket asks of an engine that keeps the bytes of artifacts. A driver implements
 * this interface and passes the suite in `conformance/`; ArtifactStore is the only one that calls it. The layout is the
 * same on every engine, and LAYOUT_VERSION counts its changes (DESIGN "Seams"):
 *
 *     blobs/sha256/ab/<64 hex>                       bytes, content-addressed, shared by all versions with that digest
 *     refs/<bucket_id>/<artifact_id>/<version>.json  metadata; an artifact exists when its ref does
 */
export const LAYOUT_VERSION = 1;

/** The most bytes of a ref. The headers of an upload, which all of its metadata comes from, are far smaller. */
export const MAX_REF_BYTES = 64 * 1024;

/** What the bytes of a blob must turn out to be. */
export type BlobClaim = {
  /** 64 hex digits in lower case. The key of the blob ends in it. */
  readonly sha256: string;
  /** The exact number of bytes; undefined where nobody has said. */
  readonly size: number | undefined;
  /** The most bytes it may have. */
  readonly maxBytes: number;
};

/** A stretch of an object in bytes: from `start`, up to but not including `end`. */
export type ByteRange = { readonly start: number; readonly end: number };

export type OpenedObject = {
  /** Of the whole object, in bytes. */
  readonly size: number;
  /**
   * The bytes, or those of the range, in pieces; read at most once. A piece is valid until the second one after it, or
   * the end, is asked for: who checks them can hold one and have the next.
   * Fails with ObjectStoreError where the object turns out shorter than `size`. Leaving the loop early lets go of it.
   */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Lets go of an object whose `pieces` are never read. More calls do nothing. */
  close(): Promise<void>;
};

export type ListedObject = { readonly key: string; readonly size: number };

export type ListedRef = { readonly key: string; readonly bytes: Uint8Array };

export type ObjectStoreHealth = 'healthy' | 'disk_full' | 'unavailable' | 'stalled';

export interface ObjectStore {
  /**
   * Reads `pieces` to their end, always, and stores them as a blob. Resolves with its size when it is durable, name and
   * all. Idempotent: a blob that is there is replaced by the same bytes, so a damaged one is healed. Nothing can be seen
   * under the key before the digest has been found right; whatever goes wrong leaves nothing behind.
   * Rejects with BlobMismatchError, with ObjectStoreError, or with what `pieces` or `signal` failed with.
   */
  putBlob(
    key: string,
    pieces: AsyncIterable<Uint8Array>,
    claim: BlobClaim,
    signal?: AbortSignal,
  ): Promise<{ readonly size: number }>;

  /**
   * Creates a small object (at most MAX_REF_BYTES) if no object has its key: of any number of callers, in any number of processes, exactly one
   * is told `created`. Both answers come only when the object that is there is durable.
   */
  createRef(key: string, bytes: Uint8Array): Promise<'created' | 'exists'>;

  /** The whole of a small object, once it is durable; null where there is none. */
  readRef(key: string): Promise<Uint8Array | null>;

  /** Opens an object or a range of it (which lies within it); null where there is none. */
  get(key: string, range?: ByteRange): Promise<OpenedObject | null>;

  /** null where there is no such object. */
  stat(key: string): Promise<{ readonly size: number } | null>;

  /** Every object under a prefix that ends in a slash, in pages of bounded size, in no order. */
  list(prefix: string): AsyncIterable<readonly ListedObject[]>;

  /** The refs right under a prefix that ends in a slash, contents and all, each once it is durable; pages, no order. */
  listRefs(prefix: string): AsyncIterable<readonly ListedRef[]>;

  /** Bytes that an upload could take before the engine is full; null where the engine does not say. */
  freeBytes(): Promise<number | null>;

  /** Answers within about a second and never rejects. Tries a small real write where the last one is long ago. */
  health(): Promise<ObjectStoreHealth>;

  /** Uploads in flight are ended first, as failed; then files and locks are let go. A second call waits for the first. */
  close(): Promise<void>;
}

/**
 * - `disk_full`: there is no room (ENOSPC, EDQUOT).
 * - `unavailable`: the engine failed otherwise, or did not answer.
 * - `damaged`: what is stored is shorter or longer than it must be, or cannot be read.
 * - `closed`: `close` has been called.
 */
export type ObjectStoreErrorCode = 'disk_full' | 'unavailable' | 'damaged' | 'closed';

/**
 * `message` tells a person what happened and what to do; `reason` is the engine's own code or words. Both are told to
 * clients, so neither has a path of the server in it; `cause`, which the log alone shows, may.
 */
export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';
  readonly code: ObjectStoreErrorCode;
  readonly reason: string;

  constructor(code: ObjectStoreErrorCode, message: string, reason = '', options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.reason = reason;
  }
}

/** The bytes that came are not what was claimed. `code` says in which way; nothing is stored. */
export class BlobMismatchError extends Error {
  override readonly name = 'BlobMismatchError';
  readonly code: 'digest_mismatch' | 'size_mismatch' | 'too_large';
  readonly expected: string | number;
  readonly found: string | number;

  constructor(code: BlobMismatchError['code'], expected: string | number, found: string | number) {
    super(`${code}: expected ${expected}, found ${found}`);
    this.code = code;
    this.expected = expected;
    this.found = found;
  }
}

/**
 * A store that cannot be opened.
 * - `locked`: another process works on it.
 * - `newer_layout`: a newer program wrote it.
 * - `foreign`: what is there is not an object store.
 * - `unusable`: the place cannot hold one (permissions, file system, damage).
 */
export type ObjectStoreOpenErrorCode = 'locked' | 'newer_layout' | 'foreign' | 'unusable';

/** `message` tells a person why, and how to mend it. */
export class ObjectStoreOpenError extends Error {
  override readonly name = 'ObjectStoreOpenError';
  readonly code: ObjectStoreOpenErrorCode;

  constructor(code: ObjectStoreOpenErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
