import { RegistryError } from '../../registry/errors.ts';
import { messageOf } from '../../shown.ts';

/** The code of an error of SQLite (`SQLITE_FULL`, `SQLITE_IOERR_FSYNC` ...), or undefined for any other error. */
export function sqliteCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

/** Whether another connection holds a lock that this one needs. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED|PROTOCOL)(_|$)/.test(sqliteCode(error) ?? '');
}

/** A COMMIT failed. What it was to write may or may not be there after a crash, except where the disk was full. */
export class CommitFailed extends Error {
  override readonly name = 'CommitFailed';
}

/** The file that is open is no longer the one at its path: what is written to it would be lost. */
export class FileIsGone extends Error {
  override readonly name = 'FileIsGone';
}

/** What went wrong in a transaction, in the words of the registry. */
export function failureOf(error: unknown, path: string): RegistryError {
  if (error instanceof RegistryError) return error;
  if (error instanceof FileIsGone) return new RegistryError('store_failed', error.message);
  if (error instanceof CommitFailed && sqliteCode(error.cause) !== 'SQLITE_FULL') {
    const message = `${path} failed while it stored a change (${reasonOf(error.cause)}), and nobody can say whether the change is there. Look at the disk, then look at the registry: registering again is safe.`;
    return new RegistryError('outcome_unknown', message, { found: sqliteCode(error.cause) });
  }
  const cause = error instanceof CommitFailed ? error.cause : error;
  const found = sqliteCode(cause);
  if (isBusy(cause)) {
    const message = `${path} is kept by other programs for longer than this one waits (${reasonOf(cause)}). Nothing was changed: try again, or look for a program that holds a transaction open.`;
    return new RegistryError('store_busy', message, { found });
  }
  if (found === 'SQLITE_FULL') {
    const message = `The disk of ${path} is full (${reasonOf(cause)}). Nothing was changed: make room and try again.`;
    return new RegistryError('store_full', message, { found });
  }
  const message = `${path} failed (${reasonOf(cause)}). Nothing was changed: look at the file, its rights and its disk.`;
  return new RegistryError('store_failed', message, { found });
}

function reasonOf(error: unknown): string {
  return `${sqliteCode(error) ?? 'error'}: ${messageOf(error)}`;
}
