import { parentPort } from 'node:worker_threads';
import type { Answer, Call } from '../../event-store/sqlite/worker-protocol.ts';
import { codeOf, messageOf } from '../error-words.ts';

type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Serves calls of a WorkerClient in this worker thread, one at a time, in order. Every error is answered. */
export function serveCalls(functions: Functions): void {
  parentPort?.on('message', ({ id, name, args }: Call) => {
    const answer = answerTo(functions[name], id, args);
    parentPort?.postMessage(answer, transferred(answer));
  });
}

/** Bytes of a result are handed over, not copied. */
function transferred(answer: Answer): ArrayBuffer[] {
  const value = 'value' in answer ? answer.value : undefined;
  if (typeof value !== 'object' || value === null || !('bytes' in value)) return [];
  const { bytes } = value;
  return bytes instanceof Uint8Array && bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}

function answerTo(called: Functions[string] | undefined, id: number, args: readonly unknown[]): Answer {
  try {
    if (called === undefined) throw new Error('a worker thread was called by a name that it does not serve');
    // WorkerClient.call gives the arguments that the function of this name declares.
    return { id, value: called(...(args as never[])) };
  } catch (error) {
    return { id, error: { message: messageOf(error), code: codeOf(error) } };
  }
}
