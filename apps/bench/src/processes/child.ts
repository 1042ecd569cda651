// The child's side of Processes: a script of `children/` calls one of these, once.
import type { FromChild, ToChild } from './messages.ts';

/** The kind of a script that does one thing and gives its result. */
export interface Task<Input, Output> {
  readonly kind: 'task';
  readonly input: Input;
  readonly output: Output;
}

/** The kind of a script that runs until it is stopped: what it tells when it is ready, and at its end. */
export interface Service<Input, Ready, Output = undefined> {
  readonly kind: 'service';
  readonly input: Input;
  readonly ready: Ready;
  readonly output: Output;
}

/** Does the task that the parent asked for, tells the result and ends. An error ends the process with its stack. */
export async function perform<T extends Task<unknown, unknown>>(
  work: (input: T['input'], say: (progress: string) => void) => Promise<T['output']>,
): Promise<void> {
  const say = (text: string) => void tell({ type: 'progress', text });
  await tell({ type: 'result', value: await work(readInput(), say) });
  process.exit();
}

/** Starts a service; `stop` is called when the parent asks for it, and what it gives is told before the end. */
export async function provide<S extends Service<unknown, unknown, unknown>>(
  start: (input: S['input']) => Promise<{ ready: S['ready']; stop: () => Promise<S['output']> }>,
): Promise<void> {
  const { ready, stop } = await start(readInput());
  process.once('message', async (_stop: ToChild) => {
    await tell({ type: 'result', value: await stop() });
    process.exit();
  });
  await tell({ type: 'ready', value: ready });
}

/** Written by Processes, whose callers are held to the type of the same script. */
function readInput(): unknown {
  return JSON.parse(process.argv[2] ?? 'null');
}

function tell(message: FromChild): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) throw new Error('this script is started by the benchmarks, not by hand');
    process.send(message, undefined, undefined, (error) => (error === null ? resolve() : reject(error)));
  });
}
