/**
 * The RegistryStore seam: everything that the registry asks of an engine that keeps its rows. A driver implements this
 * interface and passes the suite in `conformance/`; `Registry` alone calls it, with values that it has checked, so a
 * driver checks none. Sources: CONTRACT B5 A, DESIGN "artifact-registry".
 *
 * What a driver promises for all calls together:
 * - Each call is one transaction, and reads see one moment. What a call has resolved to is durable (where the engine
 *   keeps anything) and seen by every call that starts later, in this process and in others.
 * - A version is written once and never changed or removed; of what it says, only its tags can change.
 * - Strings compare and sort by their bytes: `A` before `a`, and nothing is equal that differs.
 * - What the engine fails with is a RegistryError: `store_busy`, `store_full`, `store_failed` (nothing was changed),
 *   `outcome_unknown`, `closed`.
 */

/** Names one version in the registry. */
export interface VersionRef {
  readonly logicalId: string;
  readonly version: string;
}

/** Whether the bytes in Bucket are the artifact itself, or a manifest that lists its shards (CONTRACT B5 B). */
export type ArtifactKind = 'artifact' | 'manifest';

/** What is said of a version when it is registered. */
export interface Registration extends VersionRef {
  readonly bucketId: string;
  readonly artifactId: string;
  /** `sha256:` and 64 hex digits in lower case: of the bytes that Bucket keeps. */
  readonly digest: string;
  /** How many bytes Bucket keeps. */
  readonly sizeBytes: number;
  readonly kind: ArtifactKind;
  /** The JSON text of an object. A driver gives it back character for character. */
  readonly metadata: string;
  /** When the artifact was made, as its maker says it. */
  readonly createdAt: string;
  /** ISO 8601, UTC. */
  readonly registeredAt: string;
  readonly registeredBy: string;
  /** In the order given, none twice. */
  readonly parents: readonly VersionRef[];
  /** None twice, in any order. */
  readonly tags: readonly string[];
}

export interface StoredVersion extends Registration {
  /** 1 for the first version of its logical id that was registered, and one more for each later one. */
  readonly sequence: number;
  /** True for the one version of its logical id that has the highest sequence. */
  readonly isLatest: boolean;
  /** Sorted. */
  readonly tags: readonly string[];
}

/** What makes two registrations of one (logical id, version) differ. When and by whom is none of it, nor are tags. */
export type ContentField =
  | 'bucketId'
  | 'artifactId'
  | 'digest'
  | 'sizeBytes'
  | 'kind'
  | 'metadata'
  | 'parents';

export type RegisterOutcome =
  | { readonly outcome: 'registered'; readonly stored: StoredVersion }
  /** The same content is there: nothing was changed. */
  | { readonly outcome: 'already_registered'; readonly stored: StoredVersion }
  /** Other content is there: nothing was changed. */
  | {
      readonly outcome: 'conflict';
      readonly stored: StoredVersion;
      readonly differing: readonly ContentField[];
    }
  | { readonly outcome: 'parent_not_found'; readonly parent: VersionRef };

/** The alias that no call can set: it is always the version with the highest sequence. */
export const LATEST = 'latest';

/**
 * How one version is looked up within its logical id. By `digest`: of several with this digest the one that was
 * registered first, so that the answer never changes. By `alias`: LATEST works too.
 */
export type VersionKey = { readonly logicalId: string } & (
  | { readonly version: string }
  | { readonly digest: string }
  | { readonly alias: string }
);

/** Where a listing goes on: behind this version. */
export interface SearchPosition {
  readonly logicalId: string;
  readonly sequence: number;
}

/** Every condition that is there must hold. */
export interface SearchQuery {
  readonly logicalId?: string | undefined;
  readonly logicalIdPrefix?: string | undefined;
  readonly bucketId?: string | undefined;
  readonly artifactId?: string | undefined;
  readonly version?: string | undefined;
  readonly digest?: string | undefined;
  readonly kind?: ArtifactKind | undefined;
  readonly registeredBy?: string | undefined;
  /** All of these tags. */
  readonly tags: readonly string[];
  /** The JSON text of an object: each of its members is in the metadata with the same name and an equal value. */
  readonly metadata?: string | undefined;
  readonly latestOnly: boolean;
  /** From 1. */
  readonly limit: number;
  readonly after?: SearchPosition | undefined;
}

/**
 * Versions in the order of logical ids, and within one the newest first. At most `limit` of them, and fewer where they
 * weigh more than PAGE_WEIGHT together (see page-weight.ts); one at least where there is one.
 */
export interface SearchPage {
  readonly versions: readonly StoredVersion[];
  /** null where nothing follows. */
  readonly next: SearchPosition | null;
}

/** `to: null` removes the alias. */
export interface AliasChange {
  readonly logicalId: string;
  readonly alias: string;
  readonly to: string | null;
  /** Compare and set: the version that it must point at now; null where it must not be there; undefined for any. */
  readonly expected: string | null | undefined;
  readonly at: string;
  readonly by: string;
  /** How many aliases the logical id may have afterwards. */
  readonly maxAliases: number;
}

export type AliasOutcome =
  | { readonly outcome: 'changed'; readonly from: string | null }
  /** It pointed there already. No history is written. */
  | { readonly outcome: 'unchanged' }
  /** It is not what was expected. */
  | { readonly outcome: 'conflict'; readonly found: string | null }
  | { readonly outcome: 'version_not_found' }
  | { readonly outcome: 'too_many' };

export interface StoredAlias {
  readonly alias: string;
  readonly version: string;
  readonly setAt: string;
  readonly setBy: string;
}

export interface AliasHistoryQuery {
  readonly logicalId: string;
  readonly alias: string;
  readonly limit: number;
  /** Only changes with a lower number. */
  readonly before?: number | undefined;
}

/** One change of an alias. `from: null`: it was not there before. `to: null`: it was removed. */
export interface StoredAliasChange {
  /** 1 for the first change of this alias, and one more for each later one. */
  readonly number: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly at: string;
  readonly by: string;
}

/** Newest first. */
export interface AliasHistoryPage {
  readonly changes: readonly StoredAliasChange[];
  /** The `before` of the next page; null where nothing follows. */
  readonly next: number | null;
}

/** `set` replaces all tags; otherwise `add` and `remove` change some, together. */
export type TagChange = VersionRef & {
  /** How many tags the version may have afterwards. */
  readonly maxTags: number;
} & (
    | { readonly set: readonly string[] }
    | { readonly add: readonly string[]; readonly remove: readonly string[] }
  );

export type TagOutcome =
  | { readonly outcome: 'changed'; readonly tags: readonly string[] }
  | { readonly outcome: 'version_not_found' }
  /** Nothing was changed; `found` is how many there would have been. */
  | { readonly outcome: 'too_many'; readonly found: number };

export interface LineageQuery extends VersionRef {
  /** `up`: what it was made from. `down`: what was made from it. */
  readonly direction: 'up' | 'down';
  /** Steps from the version, from 1. */
  readonly depth: number;
  readonly maxNodes: number;
}

export interface LineageNode extends VersionRef {
  readonly digest: string;
  readonly kind: ArtifactKind;
  /** The least number of steps from the version that was asked for; 0 for itself. */
  readonly depth: number;
  readonly parents: readonly VersionRef[];
}

export interface LineageGraph {
  /** By depth, each version once; at one depth by logical id, then by sequence. */
  readonly nodes: readonly LineageNode[];
  /** Whether more lies beyond `depth`, `maxNodes` or MAX_EDGES. */
  readonly truncated: boolean;
}

export interface RegistryStore {
  /**
   * Writes a version with all that goes with it, or nothing. Registering the same content again is told apart from
   * other content under the same name; see RegisterOutcome. A parent must be registered already, which rules out cycles.
   */
  register(registration: Registration): Promise<RegisterOutcome>;

  /** null where there is none. */
  find(key: VersionKey): Promise<StoredVersion | null>;

  /**
   * A page stays true while others write: every version that was registered before the first page was read is in
   * exactly one page.
   */
  search(query: SearchQuery): Promise<SearchPage>;

  /** The change and its entry in the history are one transaction. Never called for LATEST. */
  changeAlias(change: AliasChange): Promise<AliasOutcome>;

  /** All aliases of a logical id by name, LATEST among them; empty where it has no version. */
  aliases(logicalId: string): Promise<readonly StoredAlias[]>;

  /** LATEST has a history too: of registrations. */
  aliasHistory(query: AliasHistoryQuery): Promise<AliasHistoryPage>;

  changeTags(change: TagChange): Promise<TagOutcome>;

  /** null where the version is not there. */
  lineage(query: LineageQuery): Promise<LineageGraph | null>;

  /** From now on everything rejects with `closed`. What was called before is finished first. A second call waits too. */
  close(): Promise<void>;
}
