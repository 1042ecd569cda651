import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How long a server may take to start, and to stop before it is killed (ms). */
const START_MS = 30_000;
const STOP_MS = 15_000;

/** A Bucket or a Core as a process of its own. */
export type ServerProcess = {
  /** Where it listens. */
  url: string;
  /** Ends it at once (SIGKILL), and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop (SIGTERM), waits until it is gone, and gives its exit status; null when it had to be killed. */
  stop(): Promise<number | null>;
};

/** Starts servers, says so, and knows all that it started. */
export class ServerProcesses {
  readonly #running = new Set<ChildProcess>();
  readonly #say: (text: string) => void;
  #over = false;

  constructor(say: (text: string) => void) {
    this.#say = say;
    // The last resort, where this process ends without having come to its `finally`.
    process.on('exit', () => this.killAll());
  }

  /** Starts a Bucket and waits until it listens. */
  bucket(env: Record<string, string>): Promise<ServerProcess> {
    return this.#start('Bucket', import.meta.resolve('@bhiv/bucket-server/package.json'), env);
  }

  /** Starts a Core and waits until it listens. */
  core(env: Record<string, string>): Promise<ServerProcess> {
    return this.#start('Core', import.meta.resolve('@bhiv/core-demo/package.json'), env);
  }

  /** Kills whatever still runs. Nothing can be started afterwards. */
  killAll(): void {
    this.#over = true;
    for (const child of this.#running) child.kill('SIGKILL');
  }

  async #start(name: string, manifest: string, env: Record<string, string>): Promise<ServerProcess> {
    if (this.#over) throw new Error(`${name} is not started: this is the end`);
    const file = new URL('dist/main.js', manifest);
    const child = spawn(process.execPath, [fileURLToPath(file)], {
      env: { ...environmentOfOthers(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    const gone = once(child, 'close').finally(() => this.#running.delete(child));
    const url = await listening(name, child, gone);
    this.#say(`  -- ${name} listens on ${url} (process ${child.pid})`);
    return {
      url,
      async kill() {
        child.kill('SIGKILL');
        await gone;
      },
      async stop() {
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        await gone;
        clearTimeout(late);
        return child.exitCode;
      },
    };
  }
}

/** The environment without what would steer a Bucket or a Core. */
function environmentOfOthers(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(BUCKET|CORE)_/.test(name)));
}

/** Waits for the log line that says where the server listens. Its further output is read and dropped. */
async function listening(name: string, child: ChildProcess, gone: Promise<unknown>) {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error(`${name} has no output`);
  let errors = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  const found = new Promise<string>((resolve) => {
    createInterface({ input: stdout }).on('line', (line) => {
      const entry: unknown = line.startsWith('{') ? JSON.parse(line) : {};
      if (typeof entry === 'object' && entry !== null && 'url' in entry && 'port' in entry)
        resolve(String(entry.url));
    });
  });
  const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
  const url = await Promise.race([found, gone.then(() => undefined)]);
  clearTimeout(late);
  if (url === undefined)
    throw new Error(`${name} did not start: ${errors.trim() || 'it said nothing in time'}`);
  return url;
}
