import type { Command } from 'commander';
import { examples } from '../core/examples.ts';
import { printable, table } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { addPageOptions, moreLine, type PageFlags, readPages } from '../core/pages.ts';
import { parseAlias } from '../core/references.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

export function addHistory(program: Command, io: Io): void {
  const history = program
    .command('history')
    .summary('show what an alias has pointed at')
    .description(
      'Shows every change of an alias, newest first: when, by whom, from what, to what. A model alone stands for its latest, whose history is that of what was registered.',
    )
    .argument('<model:alias>', 'an alias, or a model');
  addPageOptions(history)
    .addHelpText('after', examples('bhiv history llama-3-8b:production', 'bhiv history llama-3-8b'))
    .action(running(io, showHistory));
}

async function showHistory(run: Run, name: string, options: PageFlags): Promise<void> {
  const { model, alias } = parseAlias(name);
  const registry = await run.registry();
  const { entries: changes, cursor } = await readPages(options, async (page) => {
    const found = await registry.listAliasHistory(model, alias, page);
    return { entries: found.changes, cursor: found.cursor };
  });
  // rejects with what there is instead
  if (changes.length === 0 && options.cursor === undefined) await registry.resolve(`${model}:${alias}`);
  run.output.answer({ logical_id: model, alias, changes, cursor }, [
    ...table(changes.map(({ at, by, from, to }) => [at, `${from ?? '-'} → ${to ?? '-'}`, printable(by)])),
    ...moreLine(cursor),
  ]);
}
