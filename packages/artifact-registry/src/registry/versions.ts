import type { ArtifactKind, StoredVersion, VersionRef } from '../stores/registry-store.ts';
import type { Metadata } from './metadata.ts';
import type { PageOptions } from './paging.ts';

/**
 * One version in the registry (CONTRACT B5 A). It never changes, but for its tags and `isLatest`. bucketId, artifactId,
 * version and digest are what Bucket knows the bytes by.
 */
export interface VersionRecord extends Omit<StoredVersion, 'metadata'> {
  readonly metadata: Metadata;
}

/** A version that is to be registered, after its bytes are in Bucket. */
export interface NewVersion extends VersionRef {
  readonly bucketId: string;
  readonly artifactId: string;
  /** `sha256:` and 64 hex digits, of the bytes in Bucket. */
  readonly digest: string;
  /** How many bytes there are in Bucket. */
  readonly sizeBytes: number;
  /**
   * `manifest` where the bytes are a manifest that lists shards.
   * @default 'artifact'
   */
  readonly kind?: ArtifactKind | undefined;
  /**
   * A JSON object of at most 64 KiB. `search` finds versions by its members.
   * @default {}
   */
  readonly metadata?: Metadata | undefined;
  /**
   * When the artifact was made, ISO 8601.
   * @default now
   */
  readonly createdAt?: string | undefined;
  /**
   * What it was made from, at most 100: versions that are registered, as `{logicalId, version}` or as references such
   * as `llama-3-8b:production`, whose version of this moment is what is kept.
   * @default []
   */
  readonly parents?: readonly (VersionRef | string)[] | undefined;
  /**
   * At most 100.
   * @default []
   */
  readonly tags?: readonly string[] | undefined;
  /**
   * Who registers it.
   * @default the registry's `actor`
   */
  readonly by?: string | undefined;
}

export interface RegisterResult {
  readonly version: VersionRecord;
  /** It was there already, with the same content: nothing was changed. */
  readonly alreadyRegistered: boolean;
}

/** Conditions of a search; every one that is there must hold. */
export interface VersionQuery extends PageOptions {
  readonly logicalId?: string | undefined;
  readonly logicalIdPrefix?: string | undefined;
  readonly bucketId?: string | undefined;
  readonly artifactId?: string | undefined;
  readonly version?: string | undefined;
  readonly digest?: string | undefined;
  readonly kind?: ArtifactKind | undefined;
  readonly registeredBy?: string | undefined;
  /** All of these. */
  readonly tags?: readonly string[] | undefined;
  /** Members at the top of the metadata that are there with an equal value. */
  readonly metadata?: Metadata | undefined;
  /**
   * Only the latest version of each logical id.
   * @default false
   */
  readonly latestOnly?: boolean | undefined;
}

export interface VersionPage {
  /** By logical id, and within one the newest first. */
  readonly versions: readonly VersionRecord[];
  /** For the next page; null where nothing follows. */
  readonly cursor: string | null;
}

/** The record of a stored version. Its metadata is parsed here, on the caller's thread, once. */
export function recordOf(stored: StoredVersion): VersionRecord {
  // The registry stores no other text than that of a JSON object.
  return { ...stored, metadata: JSON.parse(stored.metadata) as Metadata };
}
