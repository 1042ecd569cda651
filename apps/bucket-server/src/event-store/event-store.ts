/**
 * The EventStore seam: everything that Bucket asks of an engine that keeps events. A driver implements this interface
 * and passes the suite in `conformance/`; the routes know nothing else of it. Sources: CONTRACT A1 to A6, DESIGN "Seams".
 */

/** One event as it is kept. Any string is legal in every field: empty, with U+0000, with lone surrogates. */
export type EventRecord = {
  /** When Bucket had read the whole request: ISO 8601, UTC, milliseconds. */
  readonly receivedAt: string;
  readonly requesterId: string;
  /** null: the event is about no agent. The empty string is an agent like any other. */
  readonly agentId: string | null;
  readonly eventType: string;
  /** The producer's own string, whatever its format; `receivedAt` where it sent none. */
  readonly timestamp: string;
  /** The JSON text of event_data exactly as it came. A driver never changes a character of it. */
  readonly text: string;
};

/** The newest events, oldest first. `count` and `pages` come from one moment: later appends show in neither. */
export type RecentEvents = {
  /** All events stored at that moment. */
  readonly count: number;
  /** Pages of bounded size (about 256 KiB, or one event that is larger). Read at most once; fails with EventStoreError. */
  readonly pages: AsyncIterable<readonly EventRecord[]>;
};

/** The newest events as JSON texts, oldest first; otherwise like RecentEvents. */
export type ShownEvents = {
  readonly count: number;
  /** Pages of bounded size (about 256 KiB, or one event that is larger). Read at most once; fails with EventStoreError. */
  readonly pages: AsyncIterable<ShownPage>;
};

/** One event or more: their texts as `showEvent` gives them, with a comma between two, in UTF-8. */
export type ShownPage = { readonly events: number; readonly json: Uint8Array };

/** What is remembered of one agent. */
export type AgentMemory = {
  readonly eventCount: number;
  /** `timestamp` of the event of this agent that was stored last. */
  readonly lastTimestamp: string;
  /** The types of its last 10 events, oldest first, repeats included. */
  readonly lastEventTypes: readonly string[];
};

/** Totals, and the agent ids in the order in which they first appeared; all from one moment. */
export type EventStats = {
  readonly totalEvents: number;
  readonly trackedAgents: number;
  /** Pages of bounded size. Read at most once; fails with EventStoreError. */
  readonly agentIds: AsyncIterable<readonly string[]>;
};

/**
 * - `healthy`: reads answer, and nothing speaks against the next append.
 * - `disk_full`: the last commit failed for want of room.
 * - `unavailable`: reads do not answer, the last commit failed otherwise, or a part of the driver has died.
 * - `stalled`: something has waited for the engine for more than a second.
 */
export type EngineState = 'healthy' | 'disk_full' | 'unavailable' | 'stalled';

export type EventStoreHealth = {
  readonly state: EngineState;
  /** The newest totals known; where reads do not answer, the last that were read. */
  readonly totalEvents: number;
  readonly trackedAgents: number;
};

export interface EventStore {
  /**
   * Resolves after the event is durable, never before; once it resolved, every later read shows the event, once.
   * Events of concurrent callers share commits (group commit); one that the engine refuses fails alone.
   *
   * Rejects with EventStoreError. Every code but `outcome_unknown` means that the event is not stored and never will
   * be. An event that no commit has taken within 2 s is withdrawn (`engine_unavailable`); one that a commit has taken
   * waits for the true outcome of that commit, however long it takes, because either answer could be wrong before.
   */
  append(event: EventRecord): Promise<void>;

  /** The newest `limit` events (an integer from 1). Memory stays bounded by one page, whatever the events weigh. */
  recent(limit: number): Promise<RecentEvents>;

  /** `recent`, ready to be sent: where the driver can, it makes the texts away from the thread that serves requests. */
  recentShown(limit: number): Promise<ShownEvents>;

  /** null for an agent without events. The cost does not grow with the number of events stored. */
  context(agentId: string): Promise<AgentMemory | null>;

  /** The cost grows with the number of agents only. */
  stats(): Promise<EventStats>;

  /**
   * Answers within about a second and never rejects, whatever state the engine is in. After a commit that failed or
   * could not begin, and after some seconds without any, it tries a small real write: a store that takes no events says
   * so before one comes, and one that works again says that too.
   */
  health(): Promise<EventStoreHealth>;

  /**
   * From now on everything rejects with `closed`. Events that were accepted before are committed or refused first, as
   * `append` says; then files, connections and locks are let go. A second call waits for the first.
   */
  close(): Promise<void>;
}

/**
 * - `overloaded`: too many bytes wait already; nothing is wrong with the engine.
 * - `engine_unavailable`: the engine did not take it in time, or failed.
 * - `disk_full`: there is no room.
 * - `event_refused`: the engine works but takes exactly this event not.
 * - `closed`: `close` has been called.
 * - `outcome_unknown`: nobody can say whether the event is stored. Never try again on the caller's behalf.
 */
export type EventStoreErrorCode =
  | 'overloaded'
  | 'engine_unavailable'
  | 'disk_full'
  | 'event_refused'
  | 'closed'
  | 'outcome_unknown';

/**
 * `message` tells a person what happened and what to do; `reason` is the engine's own code or words; `figures` are the
 * numbers that go with it, such as the limit that was met.
 */
export class EventStoreError extends Error {
  override readonly name = 'EventStoreError';
  readonly code: EventStoreErrorCode;
  readonly reason: string;
  readonly figures: Readonly<Record<string, number>>;

  constructor(
    code: EventStoreErrorCode,
    message: string,
    reason = '',
    figures: Readonly<Record<string, number>> = {},
  ) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.figures = figures;
  }
}

/**
 * A store that cannot be opened.
 * - `locked`: another Bucket works on it.
 * - `newer_schema`: a newer program wrote it.
 * - `foreign`: what is there is not an event store.
 * - `unusable`: the place cannot hold one (permissions, file system, damage).
 */
export type EventStoreOpenErrorCode = 'locked' | 'newer_schema' | 'foreign' | 'unusable';

export class EventStoreOpenError extends Error {
  override readonly name = 'EventStoreOpenError';
  readonly code: EventStoreOpenErrorCode;

  constructor(code: EventStoreOpenErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
