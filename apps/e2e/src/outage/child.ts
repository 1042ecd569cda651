import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ChildConfig, ChildReport, ReportOf } from './child-protocol.ts';

/** How a child ended. `at` is in ms since 1970, when the kernel said so. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly at: number;
  readonly stderr: string;
}

const CHILD = fileURLToPath(new URL('../../dist/fixtures/outage-child.js', import.meta.url));
/** No scenario takes so long; a client that never lets its process go is ended here, and shows in the figures. */
const LONGEST_MS = 30_000;

/** The process under measurement, seen from outside. */
export class MeasuredChild {
  readonly end: Promise<ChildEnd>;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #reports: ChildReport[] = [];
  #wake: () => void = () => {};

  /** `wrapper`: a command put in front of node; the process that it starts must keep the pid. */
  constructor(config: ChildConfig, wrapper: readonly string[] = []) {
    const [command = '', ...args] = [...wrapper, process.execPath, CHILD, JSON.stringify(config)];
    this.#process = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Nothing inherited: NODE_OPTIONS or NODE_NO_WARNINGS of the test runner would hide what is looked for.
      env: { PATH: process.env.PATH },
    });
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      this.#reports.push(JSON.parse(line));
      this.#wake();
    });
    this.end = this.#watchEnd();
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('the child did not start');
    return this.#process.pid;
  }

  #watchEnd(): Promise<ChildEnd> {
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), LONGEST_MS);
    const stderr: Buffer[] = [];
    this.#process.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    let at = 0;
    this.#process.once('exit', () => {
      at = Date.now();
    });
    return new Promise((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('close', (code, signal) => {
        clearTimeout(kill);
        resolve({ code, signal, at, stderr: Buffer.concat(stderr).toString() });
        this.#wake();
      });
    });
  }

  /** Sends the line that an `outage` child waits for. */
  proceed(): void {
    this.#process.stdin.on('error', () => {}); // a child that died shows in `end`
    this.#process.stdin.write('proceed\n');
  }

  /** The report of one type; rejects with what the child left on stderr when it ends without it. */
  async report<T extends ChildReport['type']>(type: T): Promise<ReportOf<T>> {
    let ended: ChildEnd | undefined;
    void this.end.then((end) => {
      ended = end;
    });
    for (;;) {
      const found = this.#reports.find((report): report is ReportOf<T> => report.type === type);
      if (found) return found;
      if (ended)
        throw new Error(`the child ended (${ended.code ?? ended.signal}) without "${type}": ${ended.stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
