import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { readable } from './log-line.mjs';
import { ROOT } from './paths.mjs';

/** How long a service may take to stop by itself before it is killed (ms). */
const STOP_MS = 15_000;

/** A server that runs as a child process. `ended` resolves to how it ended, as a phrase. */
export class Service {
  constructor(name, file, env) {
    this.name = name;
    // A process group of its own: Ctrl-C on the terminal must reach this script alone, which stops the services
    // in order, so that Core's last events still find Bucket.
    this.child = spawn(process.execPath, [file], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      createInterface({ input: stream }).on('line', (line) =>
        console.log(`${name.padEnd(6)} | ${readable(line)}`),
      );
    }
    this.ended = once(this.child, 'exit').then(
      ([status, signal]) => (signal === null ? `ended with exit status ${status}` : `was ended by ${signal}`),
      (error) => `could not be started: ${error.message}`,
    );
  }

  get running() {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Asks the service to stop, waits until it has, and gives whether it stopped well and by itself. */
  async stop() {
    if (!this.running) return false;
    this.child.kill('SIGTERM');
    const late = setTimeout(() => {
      console.error(`${this.name} did not stop within ${STOP_MS / 1000} s; killing it`);
      this.child.kill('SIGKILL');
    }, STOP_MS);
    await this.ended;
    clearTimeout(late);
    return this.child.exitCode === 0;
  }
}

/** Waits until a URL answers 200. Resolves to false when it has not after `withinMs`, or when `until` came first. */
export async function answers(url, withinMs, until) {
  let over = false;
  const end = Promise.resolve(until).then(() => {
    over = true;
  });
  for (const deadline = Date.now() + withinMs; Date.now() < deadline && !over; ) {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await response?.arrayBuffer().catch(() => undefined);
    if (response?.status === 200) return true;
    await Promise.race([sleep(100), end]);
  }
  return false;
}
