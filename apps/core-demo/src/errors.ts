import { inspect } from 'node:util';
import type { ErrorBody } from '@bhiv/contracts';

/** Every error code that Core answers with, and the HTTP status that goes with it. */
export const STATUS_OF = {
  invalid_request: 400,
  invalid_json: 400,
  invalid_task: 400,
  unknown_agent: 400,
  no_agent_fits: 400,
  host_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  body_too_large: 413,
  unsupported_encoding: 415,
  expectation_failed: 417,
  unusable_input: 422,
  headers_too_large: 431,
  agent_failed: 500,
  internal_error: 500,
} as const;

export type CoreErrorCode = keyof typeof STATUS_OF;

/** An error that a caller of Core sees: its message says what is wrong, with the value, and what to do. */
export class CoreError extends Error {
  override readonly name = 'CoreError';
  readonly code: CoreErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: CoreErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** The body of the answer to an error. */
export function errorBody({ code, message, details }: CoreError): ErrorBody {
  return { error: { code, message, details } };
}

/** An agent throws this for an input that it cannot work on; any other error is a fault of the agent. */
export class UnusableInputError extends Error {
  override readonly name = 'UnusableInputError';
}

/** The configuration is wrong. Lists every problem, so that one start shows them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `Core cannot start with this configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** The message of whatever was thrown. Not by `instanceof`: an error may come from another realm. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : inspect(error);
}
