import { messageOf } from '../shown.ts';
import { codeOf, TransferError, type TransferErrorCode } from '../transfer-error.ts';

/** What a job can be. */
export type JobKind = 'publish' | 'fetch' | 'verify' | 'heal';

export interface Job {
  readonly kind: JobKind;
  readonly input: unknown;
}

export type HostCall = 'head' | 'read' | 'upload';

/** From the job to its host. */
export type FromJob =
  | { readonly type: 'call'; readonly id: number; readonly name: HostCall; readonly argument: unknown }
  /** Of bytes that a call gave. */
  | { readonly type: 'release'; readonly id: number }
  | { readonly type: 'progress'; readonly progress: unknown }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'failed'; readonly failure: Failure };

/** From the host to the job: the outcome of one call. */
export type ToJob =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };

/** An error on its way to another thread. */
export interface Failure {
  readonly message: string;
  readonly code: string | undefined;
  /** Where the host has the very error that it threw: which of its calls it was. */
  readonly call: number | undefined;
  /** Of a TransferError. */
  readonly parts:
    | {
        readonly expected: string | number | undefined;
        readonly found: string | number | undefined;
        readonly details: Readonly<Record<string, unknown>>;
        readonly cause: string | undefined;
      }
    | undefined;
}

/** What a call of the host failed with, in the thread of the job. */
export class HostError extends Error {
  override readonly name = 'HostError';
  readonly code: string | undefined;
  readonly call: number | undefined;

  constructor({ message, code, call }: Failure) {
    super(message);
    this.code = code;
    this.call = call;
  }
}

export function failureOf(error: unknown, call?: number): Failure {
  const message = messageOf(error);
  const code = codeOf(error);
  if (error instanceof HostError) return { message, code, call: error.call, parts: undefined };
  if (!(error instanceof TransferError)) return { message, code, call, parts: undefined };
  const { expected, found, details, cause } = error;
  const parts = { expected, found, details, cause: cause === undefined ? undefined : messageOf(cause) };
  return { message, code, call, parts };
}

/** The error of a job, in the thread of its host. An error without a code of ours is a fault of this program. */
export function errorOf({ message, code, parts }: Failure): TransferError {
  if (parts === undefined) {
    return new TransferError('worker_failed', `The thread that does the work failed: ${message}.`, {
      details: { code },
    });
  }
  const { cause, ...others } = parts;
  // Only a TransferError has parts.
  return new TransferError(code as TransferErrorCode, message, {
    ...others,
    ...(cause !== undefined && { cause }),
  });
}
