#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CliError } from './core/cli-error.ts';
import { EXIT, type ExitStatus } from './core/exit-status.ts';
import type { Io } from './core/io.ts';
import { reportError } from './core/report.ts';
import { Secrets } from './core/secrets.ts';
import { buildProgram } from './program.ts';

/** How long what was interrupted may take to let go. */
const LET_GO_MS = 3000;

async function main(io: Io): Promise<ExitStatus> {
  try {
    const program = await buildProgram(io, process.argv.slice(2));
    await program.parseAsync();
    return EXIT.ok;
  } catch (error) {
    if (error === unwritten) return EXIT.ok; // told at the end
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok; // help was asked for
    if (error instanceof CommanderError && error.code === 'commander.help' && !has('--json'))
      return EXIT.wrongUse; // and is printed
    return report(error, io);
  }
}

function report(error: unknown, io: Io): ExitStatus {
  return reportError(error, io, { json: has('--json'), debug: has('--debug') });
}

function has(flag: string): boolean {
  return process.argv.includes(flag);
}

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once, and so does what does not let go. */
function interruptSignal(): AbortSignal {
  const interrupt = new AbortController();
  const onSignal = () => {
    if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
    interrupt.abort();
    setTimeout(() => process.exit(EXIT.interrupted), LET_GO_MS).unref();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return interrupt.signal;
}

const { env, stdin, stdout, stderr } = process;
const io: Io = { env, stdin, stdout, stderr, secrets: new Secrets(), interrupt: interruptSignal() };

/** Why stdout could not be written. The work goes on to its end, which leaves nothing behind and has the true status. */
let unwritten: NodeJS.ErrnoException | undefined;
stdout.on('error', (error: NodeJS.ErrnoException) => {
  unwritten ??= error;
});
// whoever listened there has gone: the work is worth no less
stderr.on('error', () => undefined);

process.once('beforeExit', (status) => {
  // a reader that has enough, such as head, is no failure
  if (unwritten === undefined || unwritten.code === 'EPIPE' || status !== EXIT.ok) return;
  const message = `Standard output cannot be written: ${unwritten.message}.`;
  process.exitCode = report(new CliError('output_failed', message, { cause: unwritten }), io);
});

process.exitCode = await main(io);
