/**
 * Why publishing, fetching or verifying failed.
 * - `invalid_argument`: a field or an option is missing or breaks its rule; `details.field` names it.
 * - `source_failed`: a file cannot be read; `cause` is the system's error. `source_changed`: one changed while it was
 *   published. `empty_source`: there is nothing to publish. `unsupported_file`: a symbolic link, a socket, a device or
 *   a pipe. `unsupported_name`: a name that cannot be carried to another machine.
 * - `version_exists`: another tree is published under this version. `pack_conflict`: Bucket has other bytes under the
 *   name of a pack. `manifest_too_large`: the manifest has more than 64 MiB.
 * - `manifest_not_found`: Bucket has no such version. `invalid_manifest`: what it has is none, or contradicts itself.
 *   `unsupported_manifest`: a newer program wrote it. `unsafe_path`: it names a file that must not be written.
 *   `name_collision`: it names two files that are one where they are fetched to.
 * - `pack_not_found`: Bucket does not have what the manifest names. `digest_mismatch`: bytes are not what the manifest
 *   says; `details` tells where they lie. `size_mismatch`: they are too few or too many. `packs_damaged`: packs that a
 *   publish would build on are; `details.problems` has them.
 * - `target_conflict`: something else stands where a file or a folder should be. `target_full`: no room on its disk.
 *   `target_failed`: writing failed otherwise; `cause` is the system's error.
 * - `aborted`: by the caller's signal; `cause` is its reason. `worker_failed`: the thread that does the work is gone.
 */
export type TransferErrorCode =
  | 'invalid_argument'
  | 'source_failed'
  | 'source_changed'
  | 'empty_source'
  | 'unsupported_file'
  | 'unsupported_name'
  | 'version_exists'
  | 'pack_conflict'
  | 'manifest_too_large'
  | 'manifest_not_found'
  | 'invalid_manifest'
  | 'unsupported_manifest'
  | 'unsafe_path'
  | 'name_collision'
  | 'pack_not_found'
  | 'digest_mismatch'
  | 'size_mismatch'
  | 'packs_damaged'
  | 'target_conflict'
  | 'target_full'
  | 'target_failed'
  | 'aborted'
  | 'worker_failed';

export interface TransferErrorParts {
  readonly expected?: string | number | undefined;
  readonly found?: string | number | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/**
 * What `publish`, `fetch`, `verify`, `heal` and `reconcile` reject with, unless the transport rejected: its errors are handed on as they
 * are. The message says what is wrong, with the value, and what to do.
 */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  readonly code: TransferErrorCode;
  /** What should have been, such as the digest that the manifest gives. */
  readonly expected: string | number | undefined;
  /** What was there instead. */
  readonly found: string | number | undefined;
  /** More for programs, such as the pack and the place in it of damaged bytes. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: TransferErrorCode, message: string, parts: TransferErrorParts = {}) {
    super(message, 'cause' in parts ? { cause: parts.cause } : undefined);
    this.code = code;
    this.expected = parts.expected;
    this.found = parts.found;
    this.details = parts.details ?? {};
  }
}

/** The code of an error, whoever threw it (in Jest an error of another realm is not `instanceof Error`). */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The error of a call that was ended by the caller's signal. */
export function aborted(signal: AbortSignal | undefined): TransferError {
  return new TransferError('aborted', 'The call was aborted by its signal.', { cause: signal?.reason });
}
