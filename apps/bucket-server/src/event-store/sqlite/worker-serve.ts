import { parentPort } from 'node:worker_threads';
import { EventStoreOpenError } from '../event-store.ts';
import { messageOf, sqliteCode } from './failure.ts';
import type { ShownStretch } from './reader.ts';
import type { Answer, Call } from './worker-protocol.ts';

type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * Serves calls of a WorkerClient in this worker thread, one at a time, in order.
 *
 * `anyError`: every error is answered; right where a function changes nothing. `engineErrors`: only an error of SQLite
 * or of opening is. Any other is a programming error that leaves an unknown state behind: it ends the thread, and the
 * caller is told that the worker is gone.
 */
export function serve(functions: Functions, answered: 'anyError' | 'engineErrors'): void {
  parentPort?.on('message', ({ id, name, args }: Call) => {
    const answer = answerTo(functions[name], { id, args, answered });
    parentPort?.postMessage(answer, transferred(answer));
  });
}

/** The bytes of a page of shown events are handed over, not copied. */
function transferred(answer: Answer): ArrayBuffer[] {
  const value = 'value' in answer ? answer.value : undefined;
  if (typeof value !== 'object' || value === null || !('page' in value)) return [];
  const { json } = (value as ShownStretch).page; // the one result that has a page
  return json.buffer instanceof ArrayBuffer ? [json.buffer] : [];
}

function answerTo(
  called: Functions[string] | undefined,
  { id, args, answered }: { id: number; args: readonly unknown[]; answered: 'anyError' | 'engineErrors' },
): Answer {
  if (called === undefined) throw new Error('The worker thread was called by a name that it does not serve.');
  try {
    // WorkerClient.call gives the arguments that the function of this name declares.
    return { id, value: called(...(args as never[])) };
  } catch (error) {
    const code = error instanceof EventStoreOpenError ? error.code : sqliteCode(error);
    if (code === undefined && answered === 'engineErrors') throw error;
    return { id, error: { message: messageOf(error), code } };
  }
}
