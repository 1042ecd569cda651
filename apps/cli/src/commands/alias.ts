import type { AliasResult } from '@bhiv/artifact-registry';
import { type Command, Option } from 'commander';
import { examples } from '../core/examples.ts';
import { printable, table } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

interface AliasFlags {
  readonly expect?: string;
  readonly expectNew?: true;
}

const BY = ['--by <name>', 'who changes it (BHIV_BY; else the name of this machine)'] as const;

export function addAlias(program: Command, io: Io): void {
  const alias = program
    .command('alias')
    .summary('names that move: set, remove and list them')
    .description('Sets, removes and lists aliases. `latest` is one that only registering moves.');
  alias
    .command('set')
    .summary('point an alias at a version')
    .description(
      'Points an alias at a version of the same model. With --expect it moves only from there: where somebody else has moved it, nothing is changed (exit status 4).',
    )
    .argument('<model>', 'the name of the model')
    .argument('<alias>', 'the name that moves')
    .argument('<version>', 'where it points from now on')
    .option('--expect <version>', 'only where it points at this version now')
    .addOption(new Option('--expect-new', 'only where it is not there yet').conflicts('expect'))
    .option(...BY)
    .addHelpText(
      'after',
      examples(
        'bhiv alias set llama-3-8b production v3.1.0 --expect v3.0.0',
        'bhiv alias set llama-3-8b canary v3.1.0 --expect-new',
      ),
    )
    .action(running(io, set));
  alias
    .command('rm')
    .summary('remove an alias')
    .description(
      'Removes an alias; its history stays. One that is not there is no error, unless --expect says otherwise.',
    )
    .argument('<model>', 'the name of the model')
    .argument('<alias>', 'the alias')
    .option('--expect <version>', 'only where it points at this version now')
    .option(...BY)
    .addHelpText('after', examples('bhiv alias rm llama-3-8b canary'))
    .action(running(io, remove));
  alias
    .command('ls')
    .summary('list the aliases of a model')
    .description('Lists the aliases of a model, where they point, who set them and when.')
    .argument('<model>', 'the name of the model')
    .addHelpText('after', examples('bhiv alias ls llama-3-8b'))
    .action(running(io, list));
}

async function set(
  run: Run,
  model: string,
  alias: string,
  version: string,
  flags: AliasFlags,
): Promise<void> {
  const expected = flags.expectNew ? null : flags.expect;
  const registry = await run.registry();
  tell(run, model, await registry.setAlias(model, alias, version, { expected }));
}

async function remove(run: Run, model: string, alias: string, { expect }: AliasFlags): Promise<void> {
  const registry = await run.registry();
  tell(run, model, await registry.removeAlias(model, alias, { expected: expect }));
}

function tell(run: Run, model: string, result: AliasResult): void {
  const { alias, from, to, changed } = result;
  const where = to === null ? 'is not there' : `points at ${to}`;
  run.output.done({ logical_id: model, alias, from, to, changed }, [
    changed ? `${model}:${alias}: ${from ?? '-'} → ${to ?? '-'}` : `${model}:${alias} ${where} already`,
  ]);
}

async function list(run: Run, model: string): Promise<void> {
  const registry = await run.registry();
  const aliases = await registry.listAliases(model);
  if (aliases.length === 0) await registry.resolve(`${model}:latest`); // rejects with what is wrong
  run.output.answer(
    {
      logical_id: model,
      aliases: aliases.map(({ alias, version, setAt, setBy }) => ({
        alias,
        version,
        set_at: setAt,
        set_by: setBy,
      })),
    },
    table(aliases.map(({ alias, version, setAt, setBy }) => [alias, version, setAt, printable(setBy)])),
  );
}
