import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = (name: string) => fileURLToPath(new URL(`../../python/${name}`, import.meta.url));

/** Debian's own python3 first: a python3 earlier in the PATH does not see Debian's packages. */
const PYTHONS = ['/usr/bin/python3', 'python3'];

/** The first Python that has `modules`, or why there is none. */
export function findPython(modules: readonly string[] = []): { python: string } | { missing: string } {
  const program = modules.map((name) => `import ${name}`).join('\n');
  const python = PYTHONS.find((candidate) => spawnSync(candidate, ['-c', program]).status === 0);
  if (python !== undefined) return { python };
  const wanted = modules.length === 0 ? '' : ` with ${modules.join(', ')}`;
  const packages = ['python3', ...modules.map((name) => `python3-${name}`)].join(' ');
  return { missing: `no python3${wanted} here (Debian: apt-get install ${packages})` };
}

/** Runs a script of this package to its end and returns the JSON lines that it printed. */
export async function runPython(python: string, name: string, args: readonly string[]): Promise<unknown[]> {
  const child = spawn(python, [script(name), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${complaints}`);
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** A server in Python that runs until it is stopped. */
export interface PythonServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a script that prints its URL, and waits until something listens there. */
export async function startPythonServer(
  python: string,
  name: string,
  args: readonly string[],
): Promise<PythonServer> {
  const child = spawn(python, [script(name), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await firstLine(child);
  await untilItAnswers(url);
  return {
    url,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function firstLine(child: ChildProcess & { stdout: NodeJS.ReadableStream }): Promise<string> {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the server ended without a word');
}

async function untilItAnswers(url: string): Promise<void> {
  const giveUp = Date.now() + 10_000;
  for (;;) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (Date.now() > giveUp) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
