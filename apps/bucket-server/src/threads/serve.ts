import { parentPort } from 'node:worker_threads';
import { codeOf, messageOf } from '../error-words.ts';
import type { Answer, Call } from './worker-protocol.ts';

type Functions = Readonly<Record<string, (...args: never[]) => unknown>>;

export type ServeOptions = {
  /**
   * Which errors are answered. Any other is a programming error that leaves an unknown state behind: it ends the
   * thread, and the caller is told that the worker is gone.
   * @default all of them, which is right where a function changes nothing
   */
  readonly answersError?: (error: unknown) => boolean;
  /** The memory of a result that is handed over, not copied. @default none */
  readonly handsOver?: (result: unknown) => readonly Uint8Array[];
};

/** Serves calls of a WorkerClient in this worker thread, one at a time, in order. */
export function serve(functions: Functions, options: ServeOptions = {}): void {
  const { answersError = () => true, handsOver = () => [] } = options;
  parentPort?.on('message', ({ id, name, args }: Call) => {
    const answer = answerTo(functions[name], { id, args, answersError });
    const handedOver = 'value' in answer ? handsOver(answer.value) : [];
    parentPort?.postMessage(answer, handedOver.flatMap(wholeBuffer));
  });
}

function wholeBuffer({ buffer }: Uint8Array): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer ? [buffer] : [];
}

function answerTo(
  called: Functions[string] | undefined,
  { id, args, answersError }: Pick<Call, 'id' | 'args'> & Required<Pick<ServeOptions, 'answersError'>>,
): Answer {
  if (called === undefined) throw new Error('A worker thread was called by a name that it does not serve.');
  try {
    // WorkerClient.call gives the arguments that the function of this name declares.
    return { id, value: called(...(args as never[])) };
  } catch (error) {
    if (!answersError(error)) throw error;
    return { id, error: { message: messageOf(error), code: codeOf(error) } };
  }
}
