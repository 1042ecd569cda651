import { codeOf, messageOf } from '../../error-words.ts';
import type { EventStoreErrorCode } from '../event-store.ts';

/** The code of an error of SQLite (`SQLITE_FULL`, `SQLITE_IOERR_FSYNC` ...), or undefined for any other error. */
export function sqliteCode(error: unknown): string | undefined {
  const code = codeOf(error);
  return code?.startsWith('SQLITE_') ? code : undefined;
}

/** True when the engine works and objects to this one statement: a constraint, a trigger, a size. */
export function concernsOneEvent(code: string | undefined): boolean {
  return code !== undefined && /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH|ERROR)(_|$)/.test(code);
}

/** An EventStoreError as plain data, so that it crosses from a worker thread. */
export type Failure = {
  readonly code: EventStoreErrorCode;
  readonly message: string;
  readonly reason: string;
};

/** The engine works and takes exactly this event not. */
export function refusal(error: unknown): Failure {
  const reason = reasonOf(error);
  const message = `The event store refused this event (${reason}). It is not stored; other events are not affected.`;
  return { code: 'event_refused', message, reason };
}

/** The engine failed, and nothing of the batch is stored. */
export function writeFailure(error: unknown): Failure {
  const reason = reasonOf(error);
  if (sqliteCode(error) === 'SQLITE_FULL') {
    const message = `The disk of the event store is full (${reason}). The event is not stored. Make room; nothing has to be restarted.`;
    return { code: 'disk_full', message, reason };
  }
  if (sqliteCode(error)?.startsWith('SQLITE_READONLY')) {
    const message = `The event store may not write its file (${reason}). The event is not stored. Mend the rights of the data folder and of its files, then start Bucket anew.`;
    return { code: 'engine_unavailable', message, reason };
  }
  if (sqliteCode(error)?.startsWith('SQLITE_BUSY')) return locked(reason);
  const message = `The event store cannot write (${reason}). The event is not stored. Look at the disk and its file system.`;
  return { code: 'engine_unavailable', message, reason };
}

/** Another program holds the lock for writing. */
export function locked(reason = 'SQLITE_BUSY: database is locked'): Failure {
  const message = `Another program keeps the event store from writing (${reason}). The event is not stored. End that program's transaction.`;
  return { code: 'engine_unavailable', message, reason };
}

/** The file that is open is no longer the one at `path`: what is written to it would be lost with this process. */
export function fileIsGone(path: string): Failure {
  const message = `${path} is not the file that this Bucket has opened: it was deleted, moved or replaced. The event is not stored. Start Bucket anew, after the file is back if it can be had.`;
  return { code: 'engine_unavailable', message, reason: 'the data file is gone' };
}

/** The engine failed in such a way that nobody can say whether the batch is stored. */
export function unknownOutcome(error: unknown): Failure {
  const reason = reasonOf(error);
  const message = `The event store failed (${reason}) and cannot say whether the event is stored.`;
  return { code: 'outcome_unknown', message, reason };
}

function reasonOf(error: unknown): string {
  return `${sqliteCode(error) ?? 'error'}: ${messageOf(error)}`;
}
