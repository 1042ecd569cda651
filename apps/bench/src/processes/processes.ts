import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Service, Task } from './child.ts';
import type { FromChild, ToChild } from './messages.ts';

const PRELOAD = new URL('./end-with-parent.js', import.meta.url).href;
/** How long a process that was asked to stop may take (ms). */
const STOP_WITHIN_MS = 15_000;

export interface RunningService<S extends Service<unknown, unknown, unknown, unknown>> {
  readonly ready: S['ready'];
  readonly pid: number;
  tell(value: S['told']): void;
  /** Asks it to stop, and gives its last word when it is gone. */
  stop(): Promise<S['output']>;
}

export interface ForkOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly execArgv?: readonly string[];
  /** Told of each line that the script says on its way. */
  readonly onProgress?: (text: string) => void;
}

/** Starts the processes of one measurement and knows them all. They end with this process, however that ends. */
export class Processes {
  readonly #running = new Set<ChildProcess>();

  /** Runs a script of `children/` to its end and gives its result. */
  async run<T extends Task<unknown, unknown>>(
    script: URL,
    input: T['input'],
    options: ForkOptions = {},
  ): Promise<T['output']> {
    const child = this.fork(script, [JSON.stringify(input)], options);
    const result = await heard(child, 'result', options.onProgress);
    await gone(child);
    return result;
  }

  /** Starts a script of `children/` and waits until it is ready. */
  async start<S extends Service<unknown, unknown, unknown, unknown>>(
    script: URL,
    input: S['input'],
    options: ForkOptions = {},
  ): Promise<RunningService<S>> {
    const child = this.fork(script, [JSON.stringify(input)], options);
    const ready = await heard(child, 'ready');
    return {
      ready,
      pid: child.pid ?? 0,
      tell: (value) => void child.send({ type: 'tell', value } satisfies ToChild),
      stop: async () => {
        const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
        const result = heard(child, 'result');
        child.send({ type: 'stop' } satisfies ToChild);
        try {
          return await result;
        } finally {
          await gone(child);
          clearTimeout(late);
        }
      },
    };
  }

  /** Starts any Node program. Whoever forks it may stop it; `killAll` does at the latest. */
  fork(script: URL, args: readonly string[], { env, execArgv = [] }: ForkOptions = {}): ChildProcess {
    const child = fork(fileURLToPath(script), args, {
      execArgv: ['--import', PRELOAD, ...execArgv],
      env: { ...process.env, ...env },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.#add(child);
    return child;
  }

  /**
   * Starts a program that is not ours. It ends with this process too: the kernel kills it, at the wish of `setpriv`
   * (of util-linux). Rejects where one of the two is not installed.
   */
  async spawn(command: string, args: readonly string[]): Promise<ChildProcess> {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await once(child, 'spawn');
    this.#add(child);
    return child;
  }

  /** Kills, by its pid, whatever still runs. */
  killAll(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }

  /** The same, and waits until all of them are gone. */
  async endAll(): Promise<void> {
    this.killAll();
    await Promise.all([...this.#running].map(gone));
  }

  #add(child: ChildProcess): void {
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
  }
}

/** The first message of a type; rejects when the process ends before it. */
function heard(
  child: ChildProcess,
  type: FromChild['type'],
  onProgress?: (text: string) => void,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromChild) => {
      if (message.type === 'progress') return onProgress?.(message.text);
      if (message.type !== type) return;
      child.off('message', onMessage).off('exit', onExit);
      resolve(message.value);
    };
    const onExit = (code: number | null, signal: string | null) =>
      reject(new Error(`${child.spawnargs[3]} ended (${code ?? signal}) before its ${type}`));
    child.on('message', onMessage).on('exit', onExit);
  });
}

function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}
