import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Why strace cannot be used here, or undefined where it can. */
export function straceMissing(): string | undefined {
  if (process.platform !== 'linux') return 'strace needs Linux';
  if (spawnSync('strace', ['-V']).status !== 0)
    return 'strace is not installed (Debian: apt-get install strace)';
  const attempt = spawnSync('strace', ['-o', '/dev/null', 'true']);
  return attempt.status === 0 ? undefined : `strace may not trace here: ${attempt.stderr}`;
}

/**
 * The command that runs a program under strace and keeps its pid (-D). Every thread writes a file of its own,
 * `<prefix>.<tid>`, so that no call is split; file names stand beside their descriptors.
 */
export function traceCommand(prefix: string, calls: readonly string[]): string[] {
  const trace = `trace=${calls.join(',')}`;
  return ['strace', '-D', '-ff', '-ttt', '-T', '-yy', '-s', '8192', '-e', trace, '-o', prefix];
}

/** What strace is to do to the calls of a process; see `--inject` in strace(1). */
export interface Injection {
  readonly pid: number;
  /** Only calls on these files are touched; all, where there are none. */
  readonly paths: readonly string[];
  readonly calls: readonly string[];
  /** Such as `error=EIO` or `delay_enter=3000000` (µs). */
  readonly effect: string;
}

const DETACH_WITHIN_MS = 3_000;

/** A disturbance of a running process that lasts from `start` to `end`. */
export class Disturbance {
  readonly #strace: ChildProcess;

  private constructor(strace: ChildProcess) {
    this.#strace = strace;
  }

  /** Attaches to every thread of the process; resolves once the calls are disturbed. */
  static async start({ pid, paths, calls, effect }: Injection): Promise<Disturbance> {
    const list = calls.join(',');
    const args = [
      '-f',
      '-p',
      String(pid),
      ...paths.flatMap((path) => ['-P', path]),
      '-e',
      `trace=${list}`,
      '-e',
      `inject=${list}:${effect}`,
    ];
    const strace = spawn('strace', [...args, '-o', '/dev/null'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      strace.once('error', reject);
      strace.once('exit', () => reject(new Error(`strace ended: ${said}`)));
      strace.stderr.on('data', (chunk: Buffer) => {
        said += chunk;
        // Said once for the process, after every thread that it has is attached.
        if (/Process \d+ attached/.test(said)) resolve();
      });
    });
    return new Disturbance(strace);
  }

  /** Detaches: the process goes on undisturbed. */
  async end(): Promise<void> {
    if (this.#strace.exitCode !== null || this.#strace.signalCode !== null) return;
    const exited = once(this.#strace, 'exit');
    this.#strace.kill('SIGINT');
    // strace can wait for ever when its process dies while it detaches; the kernel detaches for a dead strace.
    const tooLate = setTimeout(() => this.#strace.kill('SIGKILL'), DETACH_WITHIN_MS);
    await exited;
    clearTimeout(tooLate);
  }
}
