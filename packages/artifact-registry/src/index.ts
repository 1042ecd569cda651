export { chunkFile, type FileChunk } from './chunking/chunk-file.ts';
export type { CutOptions } from './chunking/cut-file.ts';
export { CHUNKING, type ChunkingParameters } from './chunking/parameters.ts';
export { type FetchOptions, fetch, readManifest, type VerifyOptions, verify } from './fetch/fetch.ts';
export type { FetchedTree, FetchProgress } from './fetch/fetch-tree.ts';
export type { ManifestRef } from './fetch/manifest-call.ts';
export type { Problem } from './fetch/problem.ts';
export type { VerifyProgress } from './fetch/verification.ts';
export type { VerifiedTree } from './fetch/verify-tree.ts';
export { type HealOptions, heal } from './heal/heal.ts';
export type { HealedPack } from './heal/heal-packs.ts';
export type { HealedTree } from './heal/heal-tree.ts';
export {
  type Published,
  type PublishOptions,
  type PublishProgress,
  packArtifactId,
  publish,
} from './publish/publish.ts';
export type {
  DifferingArtifact,
  Finding,
  MissingArtifact,
  UnregisteredArtifact,
} from './reconcile/findings.ts';
export type { ArtifactName } from './reconcile/known-artifacts.ts';
export { type ReconcileOptions, type Reconciliation, reconcile } from './reconcile/reconcile.ts';
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
export { TransferError, type TransferErrorCode, type TransferErrorParts } from './transfer-error.ts';
export type {
  ArtifactAddress,
  ArtifactTransport,
  StoredArtifact,
  TransportOptions,
  TransportReadOptions,
  TransportUpload,
  TransportUploadOptions,
} from './transport.ts';
