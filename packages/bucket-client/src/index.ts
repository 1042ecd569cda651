export type { AgentContext, ArtifactMetadata } from '@bhiv/contracts';
export type {
  ArtifactNames,
  ArtifactRef,
  ArtifactSource,
  ArtifactUpload,
  ArtifactWarning,
  DownloadOptions,
  DownloadResult,
  ReadOptions,
  TransferOptions,
  TransferProgress,
  UploadOptions,
  UploadResult,
  VersionEntry,
} from './artifacts/types.ts';
export { BucketClient } from './client.ts';
export { DROP_CHANNEL, type Drop } from './drops.ts';
export { ArtifactError, type ArtifactErrorCode } from './errors.ts';
export type { AgentResultInput, BucketEvent, RlMetadata, TaskErrorInput } from './events/event.ts';
export type { BucketClientOptions } from './options.ts';
export type { FailureReason, RefusalReason } from './reasons.ts';
export type { HeaderRecord, TlsOptions } from './shared/messages.ts';
export type { ClientStats, FailureCounts, RefusalCounts } from './stats.ts';
