export interface CliErrorParts {
  readonly expected?: string | number | undefined;
  readonly found?: string | number | undefined;
  /** What to do, where the message does not say it. */
  readonly hint?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/**
 * What the command itself finds wrong; in codes of its own or, where they fit, in those of the
 * contract and of the libraries. Its own:
 * - `wrong_use`: the command line, the environment or the config file cannot be meant like this.
 * - `registry_not_found`: there is no registry where one is to be read.
 * - `not_verified`: bytes in Bucket are not what they should be.
 * - `check_failed`: `doctor` has found something.
 * - `file_failed`: a file that a setting names cannot be read; `cause` is the system's error.
 * - `output_failed`: standard output cannot be written; `cause` is the system's error.
 */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: string;
  readonly expected: string | number | undefined;
  readonly found: string | number | undefined;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, parts: CliErrorParts = {}) {
    super(message, 'cause' in parts ? { cause: parts.cause } : undefined);
    this.code = code;
    this.expected = parts.expected;
    this.found = parts.found;
    this.hint = parts.hint;
    this.details = parts.details ?? {};
  }
}

/** What is given cannot be meant like this. */
export function wrongUse(message: string, hint?: string): CliError {
  return new CliError('wrong_use', message, { hint });
}
