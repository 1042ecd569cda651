import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { ROOT } from './paths.mjs';

/** A step ended badly. `status` is the exit status to end with. */
export class StepFailed extends Error {
  constructor(step, status, reason) {
    super(`FAILED: ${step} (${reason ?? `exit status ${status}`})`);
    this.status = status;
  }
}

/**
 * Runs one command in the repository's root and shows its output under a heading. With `onLine` every line of
 * output is also given to it. Throws `StepFailed` when the command does not end with 0; passes a signal on.
 */
export async function step(name, command, args, { env = process.env, onLine } = {}) {
  console.log(`\n==> ${name}: ${[command, ...args].join(' ')}`);
  const started = performance.now();
  const piped = onLine === undefined ? 'inherit' : 'pipe';
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['inherit', piped, piped] });
  if (onLine !== undefined) {
    watchLines(child.stdout, process.stdout, onLine);
    watchLines(child.stderr, process.stderr, onLine);
  }
  const status = await ended(name, child);
  if (status !== 0) throw new StepFailed(name, status);
  console.log(`==> ${name}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** What a command prints. Throws `StepFailed` when it does not end with 0. */
export async function outputOf(name, command, args, { env = process.env } = {}) {
  const child = spawn(command, args, { cwd: ROOT, env, stdio: ['inherit', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const status = await ended(name, child);
  if (status !== 0) throw new StepFailed(name, status);
  return output.trim();
}

function watchLines(from, to, onLine) {
  from.pipe(to, { end: false });
  createInterface({ input: from }).on('line', onLine);
}

function ended(name, child) {
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const reason = error.code === 'ENOENT' ? `"${child.spawnfile}" is not installed` : error.message;
      reject(new StepFailed(name, 127, reason));
    });
    child.once('close', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
  }).finally(() => process.off('SIGINT', forward).off('SIGTERM', forward));
}
