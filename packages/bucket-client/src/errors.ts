import type { ErrorCode } from '@bhiv/contracts';

/**
 * Why an artifact call failed. The codes of the contract (docs/contract.md, Errors) stand for what Bucket answered;
 * `artifact_too_large`, `digest_mismatch` and `invalid_name` are also found here, before anything is sent.
 * - `invalid_argument`: a field or an option is missing or breaks its rule; `details.field` names it.
 * - `invalid_source`: the source is no file, no Buffer and no stream of bytes, or a stream without digest and size.
 * - `empty_artifact`: no bytes, and `allowEmpty` is not set.
 * - `size_mismatch`: the bytes are not as many as `size` says.
 * - `source_changed`: the source changed between the hashing and the sending. Nothing was stored.
 * - `source_failed`, `spool_failed`, `target_failed`: reading the source, writing the spool file, or writing the
 *   target failed; `cause` is the system's error. `target_exists`: the target is there, and `overwrite` is false.
 * - `target_not_a_file`: the target is there, and is a folder, a device, a pipe, a socket or a link to nothing.
 * - `disabled`: by `enabled: false` or a bad option of the client. `closed`: by `close()`.
 * - `aborted`: by the caller's signal; `cause` is its reason. `timeout`: the idle deadline passed.
 * - `headers`: the client's function of headers threw, or gave what HTTP cannot carry.
 * - `network`: no connection, or one that broke. `http_3xx`, `http_4xx`, `http_5xx`: an answer without a code of the
 *   contract, as a gateway gives it; `status` has more. `bad_response`: an answer that cannot be true, or that the
 *   contract does not know. `response_too_large`: an answer over its bound.
 */
export type ArtifactErrorCode =
  | ErrorCode
  | 'invalid_argument'
  | 'invalid_source'
  | 'empty_artifact'
  | 'size_mismatch'
  | 'source_changed'
  | 'source_failed'
  | 'spool_failed'
  | 'target_failed'
  | 'target_exists'
  | 'target_not_a_file'
  | 'disabled'
  | 'closed'
  | 'aborted'
  | 'timeout'
  | 'headers'
  | 'network'
  | 'http_3xx'
  | 'http_4xx'
  | 'http_5xx'
  | 'bad_response'
  | 'response_too_large';

export interface ArtifactErrorParts {
  readonly expected?: string | number | undefined;
  readonly found?: string | number | undefined;
  readonly status?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** What every artifact call rejects with. The message tells a person what is wrong, with the value, and what to do. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError';
  readonly code: ArtifactErrorCode;
  /** What should have been, such as the digest of the bytes that were asked for. */
  readonly expected: string | number | undefined;
  /** What was there instead. */
  readonly found: string | number | undefined;
  /** The HTTP status, where an answer came. */
  readonly status: number | undefined;
  /** More for programs, such as the `details` of Bucket's answer. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ArtifactErrorCode, message: string, parts: ArtifactErrorParts = {}) {
    super(message, 'cause' in parts ? { cause: parts.cause } : undefined);
    this.code = code;
    this.expected = parts.expected;
    this.found = parts.found;
    this.status = parts.status;
    this.details = parts.details ?? {};
  }
}
