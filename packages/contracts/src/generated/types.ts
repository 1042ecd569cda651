// Generated from schemas/v1.0/*.json by `npm run generate`: do not edit.

/**
 * The value of uploaded_by and of provenance_source: 1 to 500 characters of UTF-8 (as octets in the header), no control characters, stored as sent. Source: CONTRACT B, table of names.
 */
export type Actor = string;
/**
 * A bucket_id or an artifact_id: 1 to 255 of A-Z a-z 0-9 - _ . and neither . nor .. alone. Source: CONTRACT B, table of names.
 */
export type ArtifactName = string;
/**
 * A version: 1 to 100 printable ASCII characters, none of / \ : * ? " < > |, no space at either end, and neither . nor .. alone. Versions have no order and no meaning. Source: CONTRACT B, table of names.
 */
export type ArtifactVersion = string;
/**
 * A SHA-256 digest as Bucket stores it and gives it back: sha256: and 64 hex digits in lower case. Source: CONTRACT B, table of names.
 */
export type StoredDigest = string;
/**
 * A SHA-256 digest as a client may send it: sha256: and 64 hex digits in either case. Source: CONTRACT B, table of names.
 */
export type Digest = string;
/**
 * The error codes of v1.0, each with one HTTP status (docs/contract.md). A newer minor may add codes and never removes one. Source: CONTRACT A1 to A5 and B1 to B4.
 */
export type ErrorCode =
  | 'body_too_large'
  | 'invalid_json'
  | 'invalid_envelope'
  | 'requester_not_allowed'
  | 'invalid_event'
  | 'missing_parameter'
  | 'invalid_limit'
  | 'invalid_parameter'
  | 'not_found'
  | 'method_not_allowed'
  | 'host_not_allowed'
  | 'request_timeout'
  | 'unsupported_encoding'
  | 'overloaded'
  | 'engine_unavailable'
  | 'shutting_down'
  | 'disk_full'
  | 'internal_error'
  | 'missing_header'
  | 'invalid_header'
  | 'invalid_name'
  | 'digest_mismatch'
  | 'incomplete_body'
  | 'version_exists'
  | 'artifact_too_large'
  | 'artifact_not_found'
  | 'digest_precondition_failed'
  | 'range_not_satisfiable'
  | 'artifact_corrupt';
/**
 * An event as Bucket accepts it. The event_type picks one row of the table in CONTRACT A1, and only the fields of that row count: its required fields must be there, and a field that the row names at the top level must have its type when it is there and not null. Nothing inside result and metadata is checked, fields that the row does not name may hold anything (a task_id in an rl_outcome, metadata in an agent_result), and the timestamp is any string. Null means not there: null in a required field is refused. What a producer should send is stricter: produced-event.json. Source: CONTRACT A1.
 */
export type EventData = AcceptedRlOutcome | AcceptedAgentResult | AcceptedTaskError | AcceptedGenericEvent;
/**
 * A time in ISO 8601: calendar date, T, time of day with seconds, then, as one likes, a fraction and an offset from UTC. Without an offset nobody can tell which zone was meant, so send UTC with Z. The pattern checks the shape, not the length of each month. Source: CONTRACT, all times ISO 8601.
 */
export type Timestamp = string;
/**
 * An event as a producer should send it, and as our own client always does. The event_type picks the row of the table in CONTRACT A1. Stricter than what Bucket accepts (event-data.json): a timestamp is required and is ISO 8601, the fields named inside result and metadata have their types, and no named field is null. Fields that no row names are allowed. Whatever passes here, Bucket accepts. Source: CONTRACT A1.
 */
export type ProducedEvent =
  ProducedRlOutcome | ProducedAgentResult | ProducedTaskError | ProducedGenericEvent;

/**
 * The agent_result row of the event table as Bucket accepts it: task_id, agent_id and result are required, timestamp is typed when it is there and not null. The result is an object and nothing inside it is checked: old clients send an agent's own "status": "success" and nest its own result. Every other field may hold anything. Source: CONTRACT A1.
 */
export interface AcceptedAgentResult {
  event_type: 'agent_result';
  /**
   * When it happened. Any string is kept as it is; Bucket stamps the time of receipt where it is missing or null.
   */
  timestamp?: string | null;
  /**
   * The task that was done.
   */
  task_id: string;
  /**
   * The agent that did it.
   */
  agent_id: string;
  /**
   * What the agent gave back; its inside is not checked.
   */
  result: {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * The first row of the event table as Bucket accepts it: an event of any type without a row of its own. Only event_type is required; timestamp, agent_id, task_id and metadata are typed when they are there and not null. Source: CONTRACT A1.
 */
export interface AcceptedGenericEvent {
  /**
   * Any string. The three types with rows of their own have stricter rules.
   */
  event_type: string;
  /**
   * When it happened. Any string is kept as it is; Bucket stamps the time of receipt where it is missing or null.
   */
  timestamp?: string | null;
  /**
   * The agent that it is about.
   */
  agent_id?: string | null;
  /**
   * The task that it belongs to.
   */
  task_id?: string | null;
  /**
   * Whatever the producer wants to keep; its inside is not checked.
   */
  metadata?: {
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}
/**
 * The rl_outcome row of the event table as Bucket accepts it: agent_id and reward are required, timestamp and metadata are typed when they are there and not null. Every other field, task_id among them, may hold anything. Source: CONTRACT A1.
 */
export interface AcceptedRlOutcome {
  event_type: 'rl_outcome';
  /**
   * When it happened. Any string is kept as it is; Bucket stamps the time of receipt where it is missing or null.
   */
  timestamp?: string | null;
  /**
   * The agent that earned the reward.
   */
  agent_id: string;
  /**
   * The reward; no range is laid down. NaN and Infinity are not JSON.
   */
  reward: number;
  /**
   * About the task behind the reward; its inside is not checked.
   */
  metadata?: {
    [k: string]: unknown;
  } | null;
  [k: string]: unknown;
}
/**
 * The task_error row of the event table as Bucket accepts it: task_id, agent_id and error are required, timestamp and input_type are typed when they are there and not null. Every other field may hold anything. Source: CONTRACT A1.
 */
export interface AcceptedTaskError {
  event_type: 'task_error';
  /**
   * When it happened. Any string is kept as it is; Bucket stamps the time of receipt where it is missing or null.
   */
  timestamp?: string | null;
  /**
   * The task that failed.
   */
  task_id: string;
  /**
   * The agent that failed.
   */
  agent_id: string;
  /**
   * What went wrong.
   */
  error: string;
  /**
   * The kind of input that the task had.
   */
  input_type?: string | null;
  [k: string]: unknown;
}
/**
 * What Bucket remembers of one agent. Source: CONTRACT A2.
 */
export interface AgentContext {
  /**
   * The agent.
   */
  agent_id: string;
  /**
   * How many events of this agent are stored.
   */
  event_count: number;
  /**
   * The timestamp of the agent's newest event, as its producer sent it: not necessarily ISO 8601.
   */
  last_updated: string;
  /**
   * The distinct types among the agent's last 10 events.
   *
   * @maxItems 10
   */
  recent_event_types: string[];
  [k: string]: unknown;
}
/**
 * What Bucket knows of one artifact version: the 201 answer to an upload, and the answer to metadata_only=true. Source: CONTRACT B, B1, B2.
 */
export interface ArtifactMetadata {
  bucket_id: ArtifactName;
  artifact_id: ArtifactName;
  version: ArtifactVersion;
  digest: StoredDigest;
  /**
   * The exact number of bytes; 0 is allowed.
   */
  size_bytes: number;
  /**
   * As the client sent it, else the time of receipt.
   */
  created_at: string;
  uploaded_by: Actor;
  provenance_source: Actor;
  [k: string]: unknown;
}
/**
 * The 413 answer to an upload over the limit of the deployment. Source: CONTRACT B1.
 */
export interface ArtifactTooLargeError {
  /**
   * What went wrong.
   */
  error: {
    code: 'artifact_too_large';
    /**
     * For people: what is wrong, with the offending value, and what to do.
     */
    message: string;
    /**
     * What a program needs to act on it.
     */
    details: {
      /**
       * The most bytes that one artifact may have here.
       */
      limit_bytes: number;
      [k: string]: unknown;
    };
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * The 413 answer to an event over the limit of the deployment. Source: CONTRACT A1 and B.
 */
export interface BodyTooLargeError {
  /**
   * What went wrong.
   */
  error: {
    code: 'body_too_large';
    /**
     * For people: what is wrong, with the offending value, and what to do.
     */
    message: string;
    /**
     * What a program needs to act on it.
     */
    details: {
      /**
       * The most bytes that one body may have here.
       */
      limit_bytes: number;
      [k: string]: unknown;
    };
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * Bucket's answer to GET /health: 200 when healthy, 503 when degraded, which is when an engine behind it does not answer. Source: CONTRACT A5.
 */
export interface BucketHealth {
  /**
   * degraded when an engine behind Bucket does not answer.
   */
  status: 'healthy' | 'degraded';
  /**
   * The version of Bucket.
   */
  bucket_version: string;
  /**
   * The event half.
   */
  core_integration: {
    /**
     * Always active in v1.0.
     */
    status: string;
    /**
     * How many events are stored.
     */
    events_received: number;
    /**
     * How many agents have a context.
     */
    agents_tracked: number;
    [k: string]: unknown;
  };
  /**
   * The state of each engine behind Bucket, by its name.
   */
  services: {
    [k: string]: string;
  };
  [k: string]: unknown;
}
/**
 * Core's answer to GET /health; what else it tells is Core's own. Source: CONTRACT A5.
 */
export interface CoreHealth {
  /**
   * degraded when something that Core needs does not answer. Bucket is not among what it needs.
   */
  status: 'healthy' | 'degraded';
  [k: string]: unknown;
}
/**
 * The 400 answer to an upload whose bytes do not have the digest that its header names. Source: CONTRACT B1.
 */
export interface DigestMismatchError {
  /**
   * What went wrong.
   */
  error: {
    code: 'digest_mismatch';
    /**
     * For people: what is wrong, with the offending value, and what to do.
     */
    message: string;
    /**
     * What a program needs to act on it.
     */
    details: {
      expected: StoredDigest;
      found: StoredDigest;
      [k: string]: unknown;
    };
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * The 412 answer to a download that names a digest which is not the stored one. Source: CONTRACT B2.
 */
export interface DigestPreconditionFailedError {
  /**
   * What went wrong.
   */
  error: {
    code: 'digest_precondition_failed';
    /**
     * For people: what is wrong, with the offending value, and what to do.
     */
    message: string;
    /**
     * What a program needs to act on it.
     */
    details: {
      expected: StoredDigest;
      found: StoredDigest;
      [k: string]: unknown;
    };
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * Every answer that is an error, in parts A and B. A newer Bucket may use codes that error-code.json does not list: a reader goes by the HTTP status where it does not know the code. Source: CONTRACT B.
 */
export interface ErrorBody {
  /**
   * What went wrong.
   */
  error: {
    /**
     * What went wrong, for programs: a snake_case word; error-code.json lists those of v1.0.
     */
    code: string;
    /**
     * For people: what is wrong, with the offending value, and what to do.
     */
    message: string;
    /**
     * More, for programs; empty where there is nothing more.
     */
    details: {
      [k: string]: unknown;
    };
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * The query parameters of GET /core/events, as the strings that they are in a URL. Source: CONTRACT A3.
 */
export interface EventsQuery {
  /**
   * How many of the newest events to give, 1 to 1000; 100 when it is left out.
   */
  limit?: string;
  [k: string]: unknown;
}
/**
 * The 200 answer to GET /core/events: the newest events, oldest first. Source: CONTRACT A3.
 */
export interface EventsResponse {
  /**
   * The newest events, oldest first.
   *
   * @maxItems 1000
   */
  events: StoredEvent[];
  /**
   * How many events are stored in all.
   */
  count: number;
  /**
   * How many events are in this answer.
   */
  showing: number;
  [k: string]: unknown;
}
/**
 * An event as Bucket gives it back: the timestamp and the requester in front, then event_data as it came. event_data is given back as it is, so a timestamp or a requester_id of its own stands in the same object, comes later and wins in most JSON readers: that is why the two may hold what a producer put there. Source: CONTRACT A3 and A1.
 */
export interface StoredEvent {
  /**
   * As the producer sent it (any string), else the time of receipt.
   */
  timestamp: string | null;
  /**
   * bhiv_core, unless event_data has a field of that name.
   */
  requester_id: unknown;
  /**
   * What happened.
   */
  event_type: string;
  [k: string]: unknown;
}
/**
 * The query parameters of GET and HEAD /v1/{bucket_id}/{artifact_id}, as the strings that they are in a URL. There is no latest: version is looked up exactly. Source: CONTRACT B2.
 */
export interface GetArtifactQuery {
  version: ArtifactVersion;
  digest?: Digest;
  /**
   * true: the metadata instead of the bytes.
   */
  metadata_only?: 'true' | 'false';
  [k: string]: unknown;
}
/**
 * The 200 answer to GET /livez: the process runs. Source: CONTRACT A5.
 */
export interface LivezResponse {
  /**
   * A word for people; the HTTP status is what counts.
   */
  status: string;
  [k: string]: unknown;
}
/**
 * What an agent gave back for one task, as a producer should send it. Source: CONTRACT A1.
 */
export interface ProducedAgentResult {
  event_type: 'agent_result';
  timestamp: Timestamp;
  /**
   * The task that was done.
   */
  task_id: string;
  /**
   * The agent that did it.
   */
  agent_id: string;
  /**
   * What the agent gave back.
   */
  result: {
    /**
     * The outcome as an HTTP-like number: 200 is success.
     */
    status?: number;
    /**
     * The answer.
     */
    response?: string;
    /**
     * How long the task took, in seconds.
     */
    processing_time?: number;
    /**
     * The model behind the answer.
     */
    model?: string;
    /**
     * How many tokens it took.
     */
    tokens_used?: number;
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * The reward of one agent for one task, as a producer should send it. Source: CONTRACT A1.
 */
export interface ProducedRlOutcome {
  event_type: 'rl_outcome';
  timestamp: Timestamp;
  /**
   * The agent that earned the reward.
   */
  agent_id: string;
  /**
   * The reward; no range is laid down.
   */
  reward: number;
  /**
   * About the task behind the reward.
   */
  metadata?: {
    /**
     * The task that was rewarded.
     */
    task_id?: string;
    /**
     * How long the task took, in seconds.
     */
    processing_time?: number;
    /**
     * The kind of input that the task had.
     */
    input_type?: string;
    /**
     * The tags that the task carried.
     */
    tags?: string[];
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * A task that failed, as a producer should report it. Source: CONTRACT A1.
 */
export interface ProducedTaskError {
  event_type: 'task_error';
  timestamp: Timestamp;
  /**
   * The task that failed.
   */
  task_id: string;
  /**
   * The agent that failed.
   */
  agent_id: string;
  /**
   * What went wrong.
   */
  error: string;
  /**
   * The kind of input that the task had.
   */
  input_type?: string;
  [k: string]: unknown;
}
/**
 * An event of any type without a row of its own, as a producer should send it. Source: CONTRACT A1.
 */
export interface ProducedGenericEvent {
  /**
   * What happened, in the producer's own word.
   */
  event_type: string;
  timestamp: Timestamp;
  /**
   * The agent that it is about.
   */
  agent_id?: string;
  /**
   * The task that it belongs to.
   */
  task_id?: string;
  /**
   * Whatever the producer wants to keep.
   */
  metadata?: {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * The query parameters of GET /core/read-context: 400 without agent_id, 403 for another requester. Source: CONTRACT A2.
 */
export interface ReadContextQuery {
  /**
   * The agent to read about.
   */
  agent_id: string;
  /**
   * Always bhiv_core; anything else is answered 403.
   */
  requester_id: 'bhiv_core';
  [k: string]: unknown;
}
/**
 * The 200 answer to GET /core/read-context; context is null for an agent without events. Source: CONTRACT A2.
 */
export interface ReadContextResponse {
  /**
   * true: context is what is stored.
   */
  success: boolean;
  /**
   * null for an agent without events.
   */
  context: AgentContext | null;
  [k: string]: unknown;
}
/**
 * The query parameters of GET /readyz: which half of Bucket is asked about. Source: CONTRACT A5.
 */
export interface ReadyzQuery {
  /**
   * The half that must be able to work.
   */
  for: 'events' | 'artifacts';
  [k: string]: unknown;
}
/**
 * The 200 answer to GET /readyz: that half can work. Where it cannot, the answer is 503 and an error body. Source: CONTRACT A5.
 */
export interface ReadyzResponse {
  /**
   * A word for people; the HTTP status is what counts.
   */
  status: string;
  [k: string]: unknown;
}
/**
 * The 200 answer to GET /core/stats. Source: CONTRACT A4.
 */
export interface StatsResponse {
  /**
   * The counts.
   */
  stats: {
    /**
     * How many events are stored.
     */
    total_events: number;
    /**
     * How many agents have a context.
     */
    agents_with_context: number;
    /**
     * The agent_id of each of them.
     */
    tracked_agents: string[];
    [k: string]: unknown;
  };
  /**
   * Always active.
   */
  integration_status: 'active';
  [k: string]: unknown;
}
/**
 * The headers of PUT /v1/{bucket_id}/{artifact_id}, names in lower case and values decoded as UTF-8. Header names are case-insensitive on the wire. Source: CONTRACT B1.
 */
export interface UploadHeaders {
  'x-artifact-version': ArtifactVersion;
  'x-artifact-digest': Digest;
  'x-uploaded-by': Actor;
  'x-provenance-source': Actor;
  'x-created-at'?: Timestamp;
  [k: string]: unknown;
}
/**
 * The 409 answer to an upload of a version that is stored. identical: true means that the stored bytes are the ones sent, so an upload whose answer got lost has arrived. Source: CONTRACT B1.
 */
export interface VersionExistsError {
  /**
   * What went wrong.
   */
  error: {
    code: 'version_exists';
    /**
     * For people: what is wrong, with the offending value, and what to do.
     */
    message: string;
    /**
     * What a program needs to act on it.
     */
    details: {
      digest: StoredDigest;
      /**
       * Whether it is the one sent.
       */
      identical: boolean;
      [k: string]: unknown;
    };
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * The 200 answer to GET /v1/{bucket_id}/{artifact_id}/versions; the order means nothing. Source: CONTRACT B3.
 */
export interface VersionsResponse {
  /**
   * Every stored version of the artifact.
   */
  versions: {
    version: ArtifactVersion;
    digest: StoredDigest;
    /**
     * The exact number of bytes; 0 is allowed.
     */
    size_bytes: number;
    /**
     * As the client sent it, else the time of receipt.
     */
    created_at: string;
    [k: string]: unknown;
  }[];
  [k: string]: unknown;
}
/**
 * The outer shape of a POST /core/write-event body: what Bucket checks first, before it looks at who asks (403) and at the event itself (400). Source: CONTRACT A1.
 */
export interface WriteEventEnvelope {
  /**
   * Who writes. Any string passes here; Bucket then answers 403 to everything but bhiv_core.
   */
  requester_id: string;
  /**
   * The event; its own rules are in event-data.json.
   */
  event_data: {
    [k: string]: unknown;
  };
  [k: string]: unknown;
}
/**
 * The body of POST /core/write-event as Bucket accepts it: the one requester it knows, and an event in the accepted form. Source: CONTRACT A1.
 */
export interface WriteEventRequest {
  /**
   * Always bhiv_core; anything else is answered 403.
   */
  requester_id: 'bhiv_core';
  event_data: EventData;
  [k: string]: unknown;
}
/**
 * The 200 answer to POST /core/write-event. Only success: true means that the event is stored; a Bucket in the field may answer 200 with success: false when it could not store it. Source: CONTRACT A1.
 */
export interface WriteEventResponse {
  /**
   * true: the event is stored for good. false: it is not stored.
   */
  success: boolean;
  /**
   * For people; programs look at success.
   */
  message: string;
  [k: string]: unknown;
}
