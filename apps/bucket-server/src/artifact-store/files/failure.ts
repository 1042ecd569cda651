import { codeOf, reasonOf } from '../../error-words.ts';
import { ObjectStoreError } from '../object-store.ts';

/** A failure of the file system, of a thread, or of the store itself as the error that callers of the store get; it is the cause. */
export function asStoreError(error: unknown, what: string): ObjectStoreError {
  if (error instanceof ObjectStoreError) return error;
  const code = codeOf(error);
  const reason = reasonOf(error);
  const options = { cause: error };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT': {
      const message = `The disk of the artifact store is full (${code}): ${what} failed and nothing of it is stored. Make room; nothing has to be restarted.`;
      return new ObjectStoreError('disk_full', message, reason, options);
    }
    case 'EMFILE':
    case 'ENFILE': {
      const message = `Too many files are open (${code}): ${what} failed. Send again later, or raise the limit of open files (ulimit -n).`;
      return new ObjectStoreError('unavailable', message, reason, options);
    }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const message = `The artifact store may not use its files (${code}): ${what} failed. Mend the rights of the data folder and of what is in it; nothing has to be restarted.`;
      return new ObjectStoreError('unavailable', message, reason, options);
    }
    case 'ENOENT': {
      const message = `A folder of the artifact store is not there any more (${code}): ${what} failed. Bring it back if somebody has moved it, then start Bucket anew.`;
      return new ObjectStoreError('unavailable', message, reason, options);
    }
    default: {
      const message = `The artifact store failed (${code ?? 'error'}): ${what} failed. Look at the disk and its file system; the log has the reason.`;
      return new ObjectStoreError('unavailable', message, reason, options);
    }
  }
}

/** `name` is that of the folder within the store. */
export function folderGoneError(name: string, cause?: unknown): ObjectStoreError {
  const message = `The folder ${name} of the artifact store is not there any more, or another is in its place. Bring it back if somebody has moved it; if that was meant, start Bucket anew.`;
  return new ObjectStoreError('unavailable', message, 'folder gone', { cause });
}

export function closedError(): ObjectStoreError {
  return new ObjectStoreError('closed', 'The artifact store is closed: this Bucket is shutting down.');
}
