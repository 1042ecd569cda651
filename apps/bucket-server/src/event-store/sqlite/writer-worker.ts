// The worker thread that writes: it is held while a commit waits for the disk, and nobody else is.

import { serve } from '../../threads/serve.ts';
import { type EventRecord, EventStoreOpenError } from '../event-store.ts';
import { type Failure, sqliteCode } from './failure.ts';
import { Writer } from './writer.ts';

let writer: Writer | undefined;

function opened(): Writer {
  if (writer === undefined) throw new Error('The writer was called before it was opened.');
  return writer;
}

const functions = {
  /** Returns what the first small write failed with, where that may pass. */
  open(path: string): Failure | null {
    writer = Writer.open(path);
    return writer.firstFailure;
  },
  commit: (batch: readonly EventRecord[]) => opened().commit(batch),
  probe: () => opened().probe(),
  close: () => opened().close(),
};

export type WriterFunctions = typeof functions;

/** An error of SQLite, or of opening. */
function isOfTheEngine(error: unknown): boolean {
  return error instanceof EventStoreOpenError || sqliteCode(error) !== undefined;
}

serve(functions, { answersError: isOfTheEngine });
