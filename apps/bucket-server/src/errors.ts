import { ERROR_STATUS, type ErrorBody, type ErrorCode } from '@bhiv/contracts';
import { EventStoreError, type EventStoreErrorCode } from './event-store/event-store.ts';

/**
 * A request that is answered with an error. `message` says what is wrong, with the offending value, and what to do.
 * The HTTP status goes with the code: ERROR_STATUS in @bhiv/contracts is the one place that gives it.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  /** More headers for the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.details = details;
    this.headers = headers;
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }

  get body(): ErrorBody {
    return { error: { code: this.code, message: this.message, details: { ...this.details } } };
  }
}

/** The client has gone away in the middle of its request: there is nobody to answer. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

/** How each failure of the event store is told to a client. Every one of them means: not stored. */
const STORE_ERROR_CODES = {
  overloaded: 'overloaded',
  engine_unavailable: 'engine_unavailable',
  disk_full: 'disk_full',
  event_refused: 'internal_error',
  closed: 'shutting_down',
} as const satisfies Record<Exclude<EventStoreErrorCode, 'outcome_unknown'>, ErrorCode>;

/**
 * The answer to a request that ended in `error`; null where any answer could be wrong (nobody knows whether the event
 * is stored), so that the connection is broken instead.
 */
export function asRequestError(error: unknown): RequestError | null {
  if (error instanceof RequestError) return error;
  if (!(error instanceof EventStoreError)) {
    return new RequestError('internal_error', 'Bucket has a fault; its log says more: tell whoever runs it.');
  }
  if (error.code === 'outcome_unknown') return null;
  return new RequestError(STORE_ERROR_CODES[error.code], error.message, {
    reason: error.reason,
    ...error.figures,
  });
}
