#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT, type ExitStatus } from './core/exit-status.ts';
import type { Io } from './core/io.ts';
import { reportError } from './core/report.ts';
import { Secrets } from './core/secrets.ts';
import { buildProgram } from './program.ts';

/** How long what was interrupted may take to let go. */
const LET_GO_MS = 3000;

async function main(): Promise<ExitStatus> {
  const { env, stdin, stdout, stderr } = process;
  const io: Io = { env, stdin, stdout, stderr, secrets: new Secrets(), interrupt: interruptSignal() };
  try {
    const program = await buildProgram(io, process.argv.slice(2));
    await program.parseAsync();
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok; // help was asked for
    const has = (flag: string) => process.argv.includes(flag);
    if (error instanceof CommanderError && error.code === 'commander.help' && !has('--json'))
      return EXIT.wrongUse; // and is printed
    return reportError(error, io, { json: has('--json'), debug: has('--debug') });
  }
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

// a reader that has enough, such as head, is no failure
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode);
});

process.exitCode = await main();
