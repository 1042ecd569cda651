import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { ArtifactMetadata, VersionsResponse } from '@bhiv/contracts';

/** Names an artifact. Which characters the names may have is in CONTRACT B. */
export interface ArtifactNames {
  readonly bucketId: string;
  readonly artifactId: string;
}

/** Names one version of one artifact. */
export interface ArtifactRef extends ArtifactNames {
  readonly version: string;
}

/** What goes with the bytes of an upload (CONTRACT B, B5). */
export interface ArtifactUpload extends ArtifactRef {
  /** The machine or job that uploads; not empty, "unknown" or "system". */
  readonly uploadedBy: string;
  /** What made the bytes, such as a training run; not empty, "unknown" or "system". */
  readonly provenanceSource: string;
  /**
   * ISO 8601, at most 5 minutes ahead of this machine's clock.
   * @default the time at which Bucket receives it
   */
  readonly createdAt?: string | undefined;
  /** `sha256:` and 64 hex digits. Required for a stream without a spool file; otherwise the bytes are held to it. */
  readonly digest?: string | undefined;
  /** In bytes. Required for a stream without a spool file; otherwise the bytes are held to it. */
  readonly size?: number | undefined;
}

/**
 * Where the bytes come from: a path (a string or a `file:` URL), bytes in memory, or a stream of bytes. A stream is
 * used up or destroyed, whatever becomes of the upload; a piece of it may be reused once the next one is asked for.
 */
export type ArtifactSource =
  | string
  | URL
  | Uint8Array
  | Readable
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

export interface TransferProgress {
  readonly phase: 'spooling' | 'hashing' | 'sending' | 'receiving';
  /** Of this phase, so far. */
  readonly bytes: number;
  /** Undefined where nobody has said how many there will be. */
  readonly total: number | undefined;
}

export interface TransferOptions {
  /** Ends the call at any stage with the code `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * ms that may pass without progress: until a connection is there, until Bucket has taken the next piece (256 KiB at
   * the most), until bytes come. There is no deadline for the whole: a transfer may take as long as it moves.
   * @default 60000
   */
  readonly idleTimeoutMs?: number | undefined;
}

export interface UploadOptions extends TransferOptions {
  /** Told after each piece, of 256 KiB at the most. What it throws is counted in `stats().callbackErrors`. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** Told of each warning before anything is sent. What it throws is counted in `stats().callbackErrors`. */
  readonly onWarning?: ((warning: ArtifactWarning) => void) | undefined;
  /**
   * Lets an artifact of 0 bytes pass.
   * @default false
   */
  readonly allowEmpty?: boolean | undefined;
  /**
   * The most bytes that the Bucket takes. A larger artifact is an error before anything is sent.
   * @default 5368709120 (5 GiB, Bucket's own default)
   */
  readonly maxBytes?: number | undefined;
  /**
   * For a stream whose digest and size are not known: writes it to a file first, in this folder or, with `true`, in
   * the system's folder for temporary files. The file has no name from its first moment on, so nothing stays behind.
   * @default false
   */
  readonly spool?: boolean | string | undefined;
}

export interface DownloadOptions extends TransferOptions {
  /** Told after each piece that came. What it throws is counted in `stats().callbackErrors`. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /**
   * The digest that the bytes must have.
   * @default the one that Bucket's answer names
   */
  readonly digest?: string | undefined;
  /**
   * `false`: a target that is there is an error, `target_exists`, and is left alone.
   * @default true
   */
  readonly overwrite?: boolean | undefined;
}

export interface ReadOptions extends TransferOptions {
  /**
   * Bytes from `start`, up to but not including `end`. A range is not verified, neither by Bucket nor here.
   * @default all of them, verified
   */
  readonly range?: { readonly start: number; readonly end: number } | undefined;
  /** As in a download. With a range, Bucket compares it with the digest that it has stored. */
  readonly digest?: string | undefined;
  /**
   * The most bytes that are read into memory.
   * @default 67108864 (64 MiB)
   */
  readonly maxBytes?: number | undefined;
  /**
   * Memory to read into, which saves allocating some for each call. Where the bytes fit, they are put there, from its
   * start on, and the Buffer that comes is a view of just them; behind them nothing is changed. Where they do not fit,
   * the Buffer has memory of its own and this is left as it was. It may be shared with other threads.
   * It is the call's until the call settles: from then on nothing is written to it, however the call ended. What a
   * call that failed leaves in it is of no use.
   * @default memory of its own
   */
  readonly into?: Uint8Array | undefined;
}

/** What is allowed and discouraged (CONTRACT B5). */
export interface ArtifactWarning {
  readonly code: 'timestamp_version' | 'changing_name' | 'email_uploaded_by';
  readonly field: 'artifactId' | 'version' | 'uploadedBy';
  readonly value: string;
  /** What is discouraged, why, and what to do instead. */
  readonly message: string;
}

export interface UploadResult {
  /** As Bucket has stored it, in the contract's own words. */
  readonly metadata: ArtifactMetadata;
  /** Whether these very bytes were stored under this version before, by whomever. */
  readonly alreadyStored: boolean;
  readonly warnings: readonly ArtifactWarning[];
}

export interface DownloadResult {
  /** Of the bytes that are in the file now. */
  readonly digest: string;
  readonly size: number;
}

/** One of the versions of an artifact, in the contract's own words (CONTRACT B3). */
export type VersionEntry = VersionsResponse['versions'][number];
