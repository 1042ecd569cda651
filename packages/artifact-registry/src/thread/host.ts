import type { StoredArtifact } from '../transport.ts';

/** An artifact version in the bucket of the job. */
export interface Place {
  readonly artifactId: string;
  readonly version: string;
}

export interface ReadRequest extends Place {
  /** What the stored version must have. */
  readonly digest: string | undefined;
  /** Bytes from `start`, up to but not including `end`; undefined for all of them. */
  readonly range: { readonly start: number; readonly end: number } | undefined;
  /** The most bytes that may come. */
  readonly maxBytes: number;
}

/** Bytes of a file, as it was when it was read first. */
export interface FilePart {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** What `stampOf` gave for it. */
  readonly stamp: string;
}

export interface Upload extends Place {
  readonly digest: string;
  readonly size: number;
  /** The bytes, or where they lie. */
  readonly source: Uint8Array | readonly FilePart[];
}

/**
 * What a job asks of the thread that started it, which has the transport. Whatever it is given and gives can be cloned.
 * A rejection ends the job and is what its caller gets, unless the job knows better.
 */
export interface Host<Progress> {
  head(place: Place): Promise<StoredArtifact | null>;
  /** The bytes are the job's own until it gives them to `release`. */
  read(request: ReadRequest): Promise<Uint8Array>;
  /** Gives back bytes that came from `read`: their memory is used again. */
  release(bytes: Uint8Array): void;
  upload(upload: Upload): Promise<{ readonly alreadyStored: boolean }>;
  progress(progress: Progress): void;
}
