import type { Command } from 'commander';
import { checkServices } from '../core/check-services.ts';
import { CliError } from '../core/cli-error.ts';
import { examples } from '../core/examples.ts';
import { count, printable } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { Monitoring } from '../core/monitoring.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

interface DoctorFlags {
  /** False with `--no-core` and `--no-write`. */
  readonly core: string | boolean;
  readonly write: boolean;
}

export function addDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .summary('check the running services')
    .description(
      'Checks that Bucket and Core run and work together, as the integration note shows it. One event is written for it, of the agent bhiv_doctor, and stays, as events do; --no-write writes none.',
    )
    .option('--core <url>', 'where Core is (BHIV_CORE_URL; default: http://127.0.0.1:8002)')
    .option('--no-core', 'leave Core out')
    .option('--no-write', 'write no event: what is written is not checked then')
    .addHelpText('after', examples('bhiv doctor', 'bhiv doctor --no-core --url https://bucket.example.com'))
    .action(running(io, check));
}

async function check(run: Run, { core, write }: DoctorFlags): Promise<void> {
  const findings = await checkServices({
    bucket: new Monitoring(run.service(run.settings.url)),
    core: core === false ? undefined : run.service(run.settings.coreUrl),
    isWriting: write,
  });
  const failed = findings.filter(({ holds }) => !holds);
  run.output.answer(
    {
      ok: failed.length === 0,
      checks: findings.map(({ holds, text, figures }) => ({ ok: holds, text, figures })),
    },
    findings.flatMap(({ holds, text, figures = [] }) => [
      `${run.output.mark(holds, holds ? '[OK]' : '[FAIL]')} ${printable(text)}`,
      ...figures.map((figure) => `     ${figure}`),
    ]),
  );
  if (failed.length === 0) return;
  const isUnreachable = failed.some(({ unreachable }) => unreachable);
  const message = `${count(failed.length, 'check')} of ${findings.length} failed.`;
  throw new CliError(isUnreachable ? 'network' : 'check_failed', message, {
    found: failed.length,
    hint: isUnreachable ? 'see that the services run, and where: --url and --core name them.' : undefined,
  });
}
