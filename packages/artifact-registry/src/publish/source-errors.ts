import { messageOf, shown } from '../shown.ts';
import { TransferError } from '../transfer-error.ts';

export function sourceChanged(path: string, what: string, cause?: unknown): TransferError {
  const message = `${shown(path)} ${what} while it was published: publish it when nobody writes to it any more. What Bucket has got is whole, and is not sent again.`;
  return new TransferError('source_changed', message, {
    details: { path },
    ...(cause !== undefined && { cause }),
  });
}

export function sourceFailed(path: string, cause: unknown): TransferError {
  const message = `${shown(path)} cannot be read: ${messageOf(cause)}.`;
  return new TransferError('source_failed', message, { details: { path }, cause });
}
