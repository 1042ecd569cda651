import type { Command } from 'commander';
import { CliError } from './cli-error.ts';
import type { Io } from './io.ts';
import type { OutputFlags } from './output.ts';
import { Run } from './run.ts';
import type { SettingFlags } from './settings.ts';

/**
 * The action of a command: makes the run, and closes it whatever becomes of the work. An interrupt is the one error
 * `aborted`, wherever it met the work.
 * @param resumes what to say after an interrupt, where running the command again goes on
 */
export function running<Args extends readonly unknown[]>(
  io: Io,
  work: (run: Run, ...args: Args) => Promise<void>,
  resumes?: string,
) {
  return async function action(this: Command, ...args: [...Args, ...unknown[]]): Promise<void> {
    const run = new Run(io, this.optsWithGlobals<SettingFlags & OutputFlags>());
    try {
      // commander adds the command itself, which the work does not take
      await work(run, ...(args as unknown as Args));
    } catch (cause) {
      if (!io.interrupt.aborted) throw cause;
      throw new CliError('aborted', 'interrupted.', { cause, hint: resumes });
    } finally {
      await run.close();
    }
  };
}
