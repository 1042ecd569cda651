/** Names one artifact version in Bucket (CONTRACT B). */
export interface ArtifactAddress {
  readonly bucketId: string;
  readonly artifactId: string;
  readonly version: string;
}

/** What Bucket says of a stored version, in the contract's own words. */
export interface StoredArtifact {
  /** `sha256:` and 64 hex digits in lower case. */
  readonly digest: string;
  readonly size_bytes: number;
  /** ISO 8601. */
  readonly created_at?: string | undefined;
}

export interface TransportOptions {
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
}

export interface TransportUpload extends ArtifactAddress {
  readonly uploadedBy: string;
  readonly provenanceSource: string;
  /** The digest and the size, in bytes, that the source must turn out to have. */
  readonly digest: string;
  readonly size: number;
}

export interface TransportUploadOptions extends TransportOptions {
  /** Told how many bytes have been sent; the same bytes may be told twice where they were hashed first. */
  readonly onProgress?: ((progress: { readonly phase: string; readonly bytes: number }) => void) | undefined;
}

export interface TransportReadOptions extends TransportOptions {
  /** Bytes from `start`, up to but not including `end`. */
  readonly range?: { readonly start: number; readonly end: number } | undefined;
  /** Must be that of the whole stored version, also where a range of it is asked for. */
  readonly digest?: string | undefined;
  /** The most bytes that may be read. */
  readonly maxBytes?: number | undefined;
  /**
   * Memory for a range, large enough for it. A transport that puts the bytes there, from its start, and gives the view
   * of them, saves allocating 32 MiB for each read; one that does not know it gives bytes of its own.
   */
  readonly into?: Uint8Array | undefined;
}

/**
 * The way to Bucket, as far as it is needed here: PUT, GET with Range, HEAD and the list of versions. BucketClient of
 * @bhiv/bucket-client fits it. What a call rejects with is handed on as it is.
 */
export interface ArtifactTransport {
  /**
   * Stores a version, durable and verified, or finds that the same bytes are stored under it already
   * (`alreadyStored`). Rejects with the code `version_exists` where others are, and with `digest_mismatch` or
   * `size_mismatch` where the source is not what was announced; then nothing is stored (CONTRACT B1).
   */
  uploadArtifact(
    upload: TransportUpload,
    source: Uint8Array | AsyncIterable<Uint8Array>,
    options?: TransportUploadOptions,
  ): Promise<{ readonly alreadyStored: boolean }>;

  /** Null where Bucket has no such version (CONTRACT B2). */
  headArtifact(ref: ArtifactAddress, options?: TransportOptions): Promise<StoredArtifact | null>;

  /** The bytes, or a range of them. Whether they are right is for the caller to find out (CONTRACT B2). */
  readArtifact(ref: ArtifactAddress, options?: TransportReadOptions): Promise<Uint8Array>;

  /** The versions of an artifact, in no order; none where Bucket has no such artifact (CONTRACT B3). */
  listVersions(
    bucketId: string,
    artifactId: string,
    options?: TransportOptions,
  ): Promise<readonly (StoredArtifact & { readonly version: string })[]>;
}
