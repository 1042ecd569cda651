import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The program that starts a Core. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

const children: ChildProcess[] = [];

/** Ends every Core that still runs. For `afterEach`. */
export async function endAll(): Promise<void> {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

/** The built Core as a process of its own. */
export function coreProcess(env: Record<string, string>, args: string[] = []) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { CORE_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'close');
  return {
    child,
    /** What it wrote to stderr and to stdout so far. */
    errors: () => errors,
    said: () => said,
    /** Resolves with the log line that says where it listens. Rejects when it ends before that. */
    async listening(): Promise<{ url: string }> {
      const found = new Promise<{ url: string }>((resolve) => {
        lines.on('line', (line) => {
          const entry: { url?: string } = JSON.parse(line);
          if (entry.url !== undefined) resolve({ url: entry.url });
        });
      });
      const answer = await Promise.race([found, ended.then(() => undefined)]);
      if (answer === undefined) throw new Error(`Core did not start: ${errors}`);
      return answer;
    },
    /** Resolves with its exit status. */
    exit: async (): Promise<number | null> => (await ended)[0],
  };
}
