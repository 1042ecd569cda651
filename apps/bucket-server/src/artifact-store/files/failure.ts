import { codeOf, messageOf } from '../error-words.ts';
import { ObjectStoreError } from '../object-store.ts';

/** A failure of the file system, of a thread, or of the store itself as the error that callers of the store get. */
export function asStoreError(error: unknown, what: string): ObjectStoreError {
  if (error instanceof ObjectStoreError) return error;
  const code = codeOf(error);
  const reason = messageOf(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT': {
      const message = `The disk of the artifact store is full (${code}): ${what} failed and nothing of it is stored. Make room; nothing has to be restarted.`;
      return new ObjectStoreError('disk_full', message, reason);
    }
    case 'EMFILE':
    case 'ENFILE': {
      const message = `Too many files are open (${code}): ${what} failed. Send again later, or raise the limit of open files (ulimit -n).`;
      return new ObjectStoreError('unavailable', message, reason);
    }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const message = `The artifact store may not use its files (${code}): ${what} failed. Mend the rights of the data folder and of what is in it; nothing has to be restarted.`;
      return new ObjectStoreError('unavailable', message, reason);
    }
    case 'ENOENT': {
      const message = `A folder of the artifact store is not there any more (${code}): ${what} failed. Bring it back if somebody has moved it, then start Bucket anew.`;
      return new ObjectStoreError('unavailable', message, reason);
    }
    default: {
      const message = `The artifact store failed (${code ?? 'error'}): ${what} failed. Look at the disk and its file system; the log has the reason.`;
      return new ObjectStoreError('unavailable', message, reason);
    }
  }
}

export function closedError(): ObjectStoreError {
  return new ObjectStoreError('closed', 'The artifact store is closed: this Bucket is shutting down.');
}
