/** Where an alias points. */
export interface Alias {
  readonly alias: string;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly setAt: string;
  readonly setBy: string;
}

export interface AliasOptions {
  /**
   * Compare and set: the alias is changed only where it points at this version now, or with `null` only where it is not
   * there yet; else the call rejects with `alias_conflict`.
   * @default whatever it points at
   */
  readonly expected?: string | null | undefined;
  /**
   * Who changes it.
   * @default the registry's `actor`
   */
  readonly by?: string | undefined;
}

export interface AliasResult {
  readonly alias: string;
  /** The version that it pointed at before; null where it was not there. */
  readonly from: string | null;
  /** The version that it points at now; null where it was removed. */
  readonly to: string | null;
  /** False where it was so already: nothing was written, the history has no new entry. */
  readonly changed: boolean;
}

/** One change of an alias: who, when, from what, to what. null stands for "not there". */
export interface AliasChangeRecord {
  readonly from: string | null;
  readonly to: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
}

export interface AliasHistory {
  /** Newest first. */
  readonly changes: readonly AliasChangeRecord[];
  /** For the next page; null where nothing follows. */
  readonly cursor: string | null;
}
