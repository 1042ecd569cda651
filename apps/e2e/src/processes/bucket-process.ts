import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The program that starts a Bucket. */
export const BUCKET_MAIN = fileURLToPath(new URL('../../../bucket-server/dist/main.js', import.meta.url));

/** One line of the server's log (pino). */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg?: string };

/** How the process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface BucketProcessOptions {
  readonly dataDir: string;
  /** Command and arguments put in front of node, such as a tracer. The process that it starts must keep the pid. */
  readonly wrapper?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** pino's number of the level `warn`. */
const WARN = 40;
const START_WITHIN_MS = 20_000;

/** A real Bucket in a process of its own, on a free loopback port. Whoever starts it ends it: `stop` or `kill`. */
export class BucketProcess {
  readonly log: LogLine[] = [];
  readonly end: Promise<ProcessEnd>;
  readonly #process: ChildProcess;
  #stderr = '';
  #url: string | undefined;
  #wake: () => void = () => {};

  private constructor({ dataDir, wrapper = [], env = {} }: BucketProcessOptions) {
    const [command = '', ...args] = [...wrapper, process.execPath, BUCKET_MAIN];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        BUCKET_HOST: '127.0.0.1',
        BUCKET_PORT: '0',
        BUCKET_DATA_DIR: dataDir,
        ...env,
      },
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.#readLog(line));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk;
    });
    this.#process = child;
    this.end = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        resolve({ code, signal });
        this.#wake();
      });
    });
  }

  /** Starts a Bucket and waits until it listens. Rejects, with what it said, when it ends before that. */
  static async start(options: BucketProcessOptions): Promise<BucketProcess> {
    const bucket = BucketProcess.spawn(options);
    if (await bucket.listening()) return bucket;
    const { code, signal } = await bucket.end;
    throw new Error(`Bucket ended (${code ?? signal}) before it listened: ${bucket.stderr}`);
  }

  /** Starts a Bucket and does not wait for it. */
  static spawn(options: BucketProcessOptions): BucketProcess {
    return new BucketProcess(options);
  }

  /** True when it listens; false when it ended first. Kills it, and throws, when it does neither. */
  async listening(): Promise<boolean> {
    const tooLate = setTimeout(() => this.kill('SIGKILL'), START_WITHIN_MS);
    while (this.#url === undefined && this.isAlive) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(tooLate);
    return this.#url !== undefined;
  }

  #readLog(line: string): void {
    const entry: LogLine = JSON.parse(line);
    this.log.push(entry);
    if (typeof entry.url !== 'string' || this.#url !== undefined) return;
    this.#url = entry.url;
    this.#wake();
  }

  get url(): string {
    if (this.#url === undefined) throw new Error('Bucket does not listen yet');
    return this.#url;
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('Bucket did not start');
    return this.#process.pid;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** What it logged at level warn and above. */
  get complaints(): LogLine[] {
    return this.log.filter(({ level }) => level >= WARN);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** SIGTERM, and how it ended. */
  async stop(): Promise<ProcessEnd> {
    if (this.isAlive) {
      this.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    return this.end;
  }
}
