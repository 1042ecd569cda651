import type { Logger } from 'pino';
import type { EventStore } from '../event-store/event-store.ts';
import type { ByteBudget } from '../http/byte-budget.ts';
import type { Gate } from '../http/gate.ts';
import type { Limits } from '../limits.ts';

/** What the routes work with. */
export type RouteDependencies = {
  readonly store: EventStore;
  readonly log: Logger;
  /** The most bytes of the body of one event (BUCKET_MAX_EVENT_BYTES). */
  readonly maxEventBytes: number;
  readonly limits: Limits;
  /** The bytes of event bodies that all requests may hold together. */
  readonly budget: ByteBudget;
  /** Bounds how many listings of one kind are sent at one time. */
  readonly gate: Gate;
};
