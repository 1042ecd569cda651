import type { Logger } from 'pino';
import type { ArtifactStore } from '../artifact-store/artifact-store.ts';
import type { EventStore } from '../event-store/event-store.ts';
import type { ByteBudget } from '../http/byte-budget.ts';
import type { Gate } from '../http/gate.ts';
import type { Limits } from '../limits.ts';
import type { Metrics } from '../metrics/metrics.ts';

/** What the routes work with. */
export type RouteDependencies = {
  readonly store: EventStore;
  readonly artifacts: ArtifactStore;
  readonly log: Logger;
  /** The most bytes of the body of one event (BUCKET_MAX_EVENT_BYTES). */
  readonly maxEventBytes: number;
  /** The most bytes of one artifact (BUCKET_MAX_ARTIFACT_BYTES). */
  readonly maxArtifactBytes: number;
  /** Whether a whole artifact is checked against its digest while it is sent (BUCKET_VERIFY_ON_READ). */
  readonly verifyOnRead: boolean;
  readonly metrics: Metrics;
  readonly limits: Limits;
  /** The bytes of event bodies that all requests may hold together. */
  readonly budget: ByteBudget;
  /** Bounds how many listings of one kind are sent at one time. */
  readonly gate: Gate;
};
