import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The built command. */
export const BHIV = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Call {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What goes to standard input. */
  readonly input?: string | Uint8Array;
}

export interface Ended {
  /** The exit status, or 128 and the number of the signal as a shell says it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of the environment that runs the tests gets in. */
function cleanEnvironment(env: Call['env']): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: '/nonexistent', ...env };
}

/** A bhiv that runs. */
export class Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], { env, cwd, input }: Call = {}) {
    const child = spawn(process.execPath, [BHIV, ...args], { env: cleanEnvironment(env), cwd });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    child.stdin.on('error', () => undefined); // it may end without reading all
    child.stdin.end(input ?? '');
    this.process = child;
    this.ended = once(child, 'close').then(([status, signal]) => ({
      ...{ status, signal },
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }
}

/** Runs the built command to its end. */
export function bhiv(args: readonly string[], call?: Call): Promise<Ended> {
  return new Running(args, call).ended;
}
