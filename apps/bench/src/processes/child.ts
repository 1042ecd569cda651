// The child's side of Processes: a script of `children/` calls one of these, once.
import type { FromChild, ToChild } from './messages.ts';

/** The kind of a script that does one thing and gives its result. */
export interface Task<Input, Output> {
  readonly kind: 'task';
  readonly input: Input;
  readonly output: Output;
}

/** The kind of a script that runs until it is stopped: what it is told on its way, and what it tells at its end. */
export interface Service<Input, Ready, Output = undefined, Told = never> {
  readonly kind: 'service';
  readonly input: Input;
  readonly ready: Ready;
  readonly output: Output;
  readonly told: Told;
}

type AnyService = Service<unknown, unknown, unknown, unknown>;

/** Does the task that the parent asked for, tells the result and ends. An error ends the process with its stack. */
export async function perform<T extends Task<unknown, unknown>>(
  work: (input: T['input'], say: (progress: string) => void) => Promise<T['output']>,
): Promise<void> {
  const say = (text: string) => void tell({ type: 'progress', text });
  await tell({ type: 'result', value: await work(readInput(), say) });
  process.exit();
}

/** Starts a service; `stop` is called when the parent asks for it, and what it gives is told before the end. */
export async function provide<S extends AnyService>(
  start: (input: S['input']) => Promise<{
    ready: S['ready'];
    stop: () => Promise<S['output']>;
    onTold?: (value: S['told']) => void;
  }>,
): Promise<void> {
  const { ready, stop, onTold } = await start(readInput());
  process.on('message', async (message: ToChild) => {
    if (message.type === 'tell') return onTold?.(message.value);
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
