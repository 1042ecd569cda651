import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LogLine } from './start-app.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** How a process ended, and what it said. */
type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

export type Program = {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What it has logged so far. */
  logLines(): LogLine[];
  readonly ended: Promise<Ended>;
};

export type SpawnOptions = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another program that is to run it: the command, and its arguments in front. */
  readonly through?: readonly [string, ...string[]];
};

/** Runs the built program, with nothing in its environment but what is given. */
export function spawnProgram({ args = [], env = {}, through }: SpawnOptions = {}): Program {
  const [command, ...before] = through ?? [process.execPath];
  const own = through === undefined ? [MAIN, ...args] : [process.execPath, MAIN, ...args];
  const child = spawn(command, [...before, ...own], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const logLines = () => {
    const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  };
  return { child, pid: child.pid ?? 0, logLines, ended };
}

/** A Bucket that listens on a free port of 127.0.0.1. */
export async function startBucketProcess(
  folder: string,
  { env = {}, ...options }: SpawnOptions = {},
): Promise<Program & { readonly port: number }> {
  const program = spawnProgram({ ...options, env: { BUCKET_PORT: '0', BUCKET_DATA_DIR: folder, ...env } });
  let over: Ended | undefined;
  void program.ended.then((ended) => {
    over = ended;
  });
  for (;;) {
    const line = program.logLines().find((candidate) => typeof candidate.url === 'string');
    if (line !== undefined) return { ...program, port: Number(line.port) };
    if (over !== undefined) throw new Error(`the Bucket did not start: ${JSON.stringify(over)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
