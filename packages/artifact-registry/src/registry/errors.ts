/**
 * Why a call of the registry failed.
 * - `invalid_argument`: a field or an option is missing or breaks its rule; `details.field` names it. `invalid_name`:
 *   a logical id, version, alias, tag or one of Bucket's names does. `invalid_metadata`, `invalid_reference`,
 *   `invalid_cursor`: what their names say.
 * - `version_exists`: this version is registered with other content; `details.differing` names the fields.
 * - `version_not_found`, `alias_not_found`: there is none. `parent_not_found`: a parent is not registered.
 * - `lineage_cycle`: a version cannot be its own parent.
 * - `alias_reserved`: `latest` is moved by registering and by nothing else.
 * - `alias_conflict`: the alias is not what was expected, `found` is what it is. Nothing was changed.
 * - `too_many_aliases`, `too_many_tags`: over the bound, which is `expected`.
 * - `store_busy`: others kept the store for longer than it waits. `store_full`: no room on its disk. `store_failed`:
 *   it failed otherwise, or the program that reads it is broken. In all three cases nothing was changed.
 * - `outcome_unknown`: the store failed and nobody can say whether it was changed. Registering again is always safe.
 * - `closed`: `close` has been called.
 */
export type RegistryErrorCode =
  | 'invalid_argument'
  | 'invalid_name'
  | 'invalid_metadata'
  | 'invalid_reference'
  | 'invalid_cursor'
  | 'version_exists'
  | 'version_not_found'
  | 'alias_not_found'
  | 'parent_not_found'
  | 'lineage_cycle'
  | 'alias_reserved'
  | 'alias_conflict'
  | 'too_many_aliases'
  | 'too_many_tags'
  | 'store_busy'
  | 'store_full'
  | 'store_failed'
  | 'outcome_unknown'
  | 'closed';

export interface RegistryErrorParts {
  readonly expected?: string | number | null | undefined;
  readonly found?: string | number | null | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** What every call of the registry rejects with. The message says what is wrong, with the value, and how to mend it. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;
  /** What should have been, such as the version that an alias was expected to point at. */
  readonly expected: string | number | null | undefined;
  /** What was there instead. */
  readonly found: string | number | null | undefined;
  /** More for programs. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: RegistryErrorCode, message: string, parts: RegistryErrorParts = {}) {
    super(message, 'cause' in parts ? { cause: parts.cause } : undefined);
    this.code = code;
    this.expected = parts.expected;
    this.found = parts.found;
    this.details = parts.details ?? {};
  }
}

/**
 * A store that cannot be opened.
 * - `newer_schema`: a newer program wrote it. `expected` is the newest schema known here, `found` the one it has.
 * - `foreign`: what is there is not a registry.
 * - `busy`: other programs kept it locked for longer than opening waits.
 * - `unusable`: the place cannot hold one (rights, file system, damage, a full disk).
 */
export type RegistryOpenErrorCode = 'newer_schema' | 'foreign' | 'busy' | 'unusable';

export class RegistryOpenError extends Error {
  override readonly name = 'RegistryOpenError';
  readonly code: RegistryOpenErrorCode;
  readonly expected: string | number | undefined;
  readonly found: string | number | undefined;

  constructor(
    code: RegistryOpenErrorCode,
    message: string,
    parts: {
      readonly expected?: string | number | undefined;
      readonly found?: string | number | undefined;
    } = {},
  ) {
    super(message);
    this.code = code;
    this.expected = parts.expected;
    this.found = parts.found;
  }
}
