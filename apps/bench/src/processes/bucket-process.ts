import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Processes } from './processes.ts';

const MAIN = new URL('dist/main.js', import.meta.resolve('@bhiv/bucket-server/package.json'));
/** How long a Bucket may take to stop (ms). */
const STOP_WITHIN_MS = 15_000;

export interface BucketProcess {
  readonly url: string;
  readonly pid: number;
  /** SIGTERM, and the wait for its end. Rejects where Bucket did not end well. */
  stop(): Promise<void>;
}

/**
 * Starts a real Bucket, as people start it, on a free loopback port and waits until it listens. `settings` are more
 * of its environment variables.
 */
export async function startBucket(
  processes: Processes,
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<BucketProcess> {
  const env = { BUCKET_HOST: '127.0.0.1', BUCKET_PORT: '0', BUCKET_DATA_DIR: dataDir, ...settings };
  const child = processes.fork(MAIN, [], { env });
  const ended = once(child, 'exit');
  if (child.stdout === null) throw new Error('Bucket has no output');
  const lines = createInterface({ input: child.stdout });
  const url = await Promise.race([
    new Promise<string>((resolve) => lines.on('line', (line) => listening(line, resolve))),
    ended.then(() => undefined),
  ]);
  if (url === undefined) throw new Error(`Bucket ended (${child.exitCode}) before it listened`);
  lines.close();
  child.stdout.resume(); // the log is read and dropped
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(late);
      if (child.exitCode !== 0) throw new Error(`Bucket ended with ${child.exitCode ?? child.signalCode}`);
    },
  };
}

/** Bucket's log is JSON lines; the one with a `url` says that it listens. */
function listening(line: string, tell: (url: string) => void): void {
  const entry: { url?: unknown } = JSON.parse(line);
  if (typeof entry.url === 'string') tell(entry.url);
}
