export type { AgentContext } from '@bhiv/contracts';
export { BucketClient } from './client.ts';
export { DROP_CHANNEL, type Drop } from './drops.ts';
export type { AgentResultInput, BucketEvent, RlMetadata, TaskErrorInput } from './events/event.ts';
export type { BucketClientOptions } from './options.ts';
export type { FailureReason, RefusalReason } from './reasons.ts';
export type { HeaderRecord, TlsOptions } from './shared/messages.ts';
export type { ClientStats, FailureCounts, RefusalCounts } from './stats.ts';
