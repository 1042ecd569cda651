import { ERROR_STATUS, type ErrorBody, type ErrorCode } from '@bhiv/contracts';
import { ArtifactCorruptError } from './artifact-store/artifact-store.ts';
import {
  BlobMismatchError,
  ObjectStoreError,
  type ObjectStoreErrorCode,
} from './artifact-store/object-store.ts';
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

/** How each failure of the engine that keeps artifacts is told to a client. */
const OBJECT_ERROR_CODES = {
  disk_full: 'disk_full',
  unavailable: 'engine_unavailable',
  damaged: 'artifact_corrupt',
  closed: 'shutting_down',
} as const satisfies Record<ObjectStoreErrorCode, ErrorCode>;

/**
 * The answer to a request that ended in `error`; null where any answer could be wrong (nobody knows whether the event
 * is stored), so that the connection is broken instead.
 */
export function asRequestError(error: unknown): RequestError | null {
  if (error instanceof RequestError) return error;
  if (error instanceof BlobMismatchError) return blobMismatch(error);
  if (error instanceof ArtifactCorruptError) return corrupt(error);
  if (error instanceof ObjectStoreError) {
    return new RequestError(OBJECT_ERROR_CODES[error.code], error.message, { reason: error.reason });
  }
  if (!(error instanceof EventStoreError)) {
    return new RequestError('internal_error', 'Bucket has a fault; its log says more: tell whoever runs it.');
  }
  if (error.code === 'outcome_unknown') return null;
  return new RequestError(STORE_ERROR_CODES[error.code], error.message, {
    reason: error.reason,
    ...error.figures,
  });
}

/** The bytes of an upload are not those that its headers name (CONTRACT B1). */
function blobMismatch({ code, expected, found }: BlobMismatchError): RequestError {
  switch (code) {
    case 'digest_mismatch': {
      const both = { expected: `sha256:${expected}`, found: `sha256:${found}` };
      const message = `The body has digest ${both.found}, not ${both.expected}: send the digest of the exact bytes.`;
      return new RequestError('digest_mismatch', message, both);
    }
    case 'size_mismatch': {
      const message = `The body has ${found} bytes, not ${expected}: send it again, whole.`;
      return new RequestError('incomplete_body', message, {
        expected_bytes: expected,
        received_bytes: found,
      });
    }
    case 'too_large':
      return artifactTooLarge('more', Number(expected));
  }
}

/** `size` is in bytes, or `more` where the body went on beyond the limit. */
export function artifactTooLarge(size: number | 'more', limit: number): RequestError {
  const found = size === 'more' ? `more than ${limit} bytes` : `${size} bytes and at most ${limit} are taken`;
  const message = `The body has ${found}: split the artifact and publish it with a manifest. (BUCKET_MAX_ARTIFACT_BYTES sets the limit.)`;
  return new RequestError('artifact_too_large', message, { limit_bytes: limit });
}

function corrupt({ expected, found }: ArtifactCorruptError): RequestError {
  const show = (value: string | number) => (typeof value === 'number' ? `${value} bytes` : value);
  const what =
    found === null ? 'missing, or cannot be read' : `${show(found)} where ${show(expected)} was stored`;
  const message = `The stored bytes are damaged (${what}), so they are not served: upload the right ones again, under a new version, which heals this one too.`;
  return new RequestError('artifact_corrupt', message, { expected, found });
}
