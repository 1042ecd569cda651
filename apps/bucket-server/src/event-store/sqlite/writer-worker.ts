// The worker thread that writes: it is held while a commit waits for the disk, and nobody else is.
import type { EventRecord } from '../event-store.ts';
import { serve } from './worker-serve.ts';
import { Writer } from './writer.ts';

let writer: Writer | undefined;

function opened(): Writer {
  if (writer === undefined) throw new Error('The writer was called before it was opened.');
  return writer;
}

const functions = {
  open(path: string): void {
    writer = Writer.open(path);
  },
  commit: (batch: readonly EventRecord[]) => opened().commit(batch),
  probe: () => opened().probe(),
  close: () => opened().close(),
};

export type WriterFunctions = typeof functions;

serve(functions, 'engineErrors');
