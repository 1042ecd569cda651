// The worker thread that writes: it is held while a commit waits for the disk, and nobody else is.
import type { EventRecord } from '../event-store.ts';
import type { Failure } from './failure.ts';
import { serve } from './worker-serve.ts';
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

serve(functions, 'engineErrors');
