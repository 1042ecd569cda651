export type {
  Alias,
  AliasChangeRecord,
  AliasHistory,
  AliasOptions,
  AliasResult,
} from './registry/aliases.ts';
export {
  RegistryError,
  type RegistryErrorCode,
  type RegistryErrorParts,
  RegistryOpenError,
  type RegistryOpenErrorCode,
} from './registry/errors.ts';
export type { LineageOptions } from './registry/lineage-calls.ts';
export type { JsonValue, Metadata } from './registry/metadata.ts';
export type { PageOptions } from './registry/paging.ts';
export { formatReference, parseReference } from './registry/reference.ts';
export { openRegistry, Registry, type RegistryOptions } from './registry/registry.ts';
export type {
  NewVersion,
  RegisterResult,
  VersionPage,
  VersionQuery,
  VersionRecord,
} from './registry/versions.ts';
export { memoryStore } from './stores/memory/memory-store.ts';
export * from './stores/registry-store.ts';
export { openSqliteStore, type SqliteStoreOptions } from './stores/sqlite/open.ts';
