import {
  RegistryError,
  type RegistryErrorCode,
  RegistryOpenError,
  type RegistryOpenErrorCode,
} from '../../registry/errors.ts';
import { messageOf } from '../../shown.ts';
import type { RegistryStore } from '../registry-store.ts';

/** What the worker thread serves. Arguments and results cross as structured clones. */
export interface StoreFunctions extends RegistryStore {
  open(options: { readonly path: string; readonly busyTimeoutMs: number }): Promise<void>;
}

/** Main thread → worker. */
export interface Call {
  readonly id: number;
  readonly name: keyof StoreFunctions;
  readonly args: readonly unknown[];
}

/** Worker → main thread. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

type Found = string | number | undefined;

/** A RegistryError or RegistryOpenError as plain data. */
export type Failure =
  | { readonly of: 'call'; readonly code: RegistryErrorCode; readonly message: string; readonly found: Found }
  | {
      readonly of: 'open';
      readonly code: RegistryOpenErrorCode;
      readonly message: string;
      readonly expected: Found;
      readonly found: Found;
    };

export function asFailure(error: unknown): Failure {
  if (error instanceof RegistryOpenError) {
    const { code, message, expected, found } = error;
    return { of: 'open', code, message, expected, found };
  }
  if (error instanceof RegistryError) {
    return { of: 'call', code: error.code, message: error.message, found: error.found ?? undefined };
  }
  return { of: 'call', code: 'store_failed', message: messageOf(error), found: undefined };
}

export function asError(failure: Failure): RegistryError | RegistryOpenError {
  const { message, found } = failure;
  if (failure.of === 'call') return new RegistryError(failure.code, message, { found });
  return new RegistryOpenError(failure.code, message, { expected: failure.expected, found });
}
