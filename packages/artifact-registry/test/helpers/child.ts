import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A process that runs one of the fixtures. */
export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** What it has printed so far, line by line. */
  readonly lines: readonly string[];
  /** Resolves when it has printed a line that begins so. Rejects when it ends before. */
  printed(beginning: string): Promise<void>;
  /** Resolves when it has ended, and its output has been read: how it ended. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly errors: string;
  }>;
}

export function startFixture(script: URL, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (piece) => {
    errors += String(piece);
  });
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const ended = Promise.all([once(child, 'close'), once(reader, 'close')]).then(([[code, signal]]) => ({
    code,
    signal,
    errors,
  }));
  return {
    process: child,
    lines,
    ended,
    async printed(beginning) {
      while (!lines.some((line) => line.startsWith(beginning))) {
        const hasEnded = await Promise.race([once(reader, 'line').then(() => false), ended.then(() => true)]);
        if (hasEnded && !lines.some((line) => line.startsWith(beginning))) {
          throw new Error(`${script.pathname} ended before it printed "${beginning}": ${errors}`);
        }
      }
    },
  };
}
