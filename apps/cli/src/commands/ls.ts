import type { Registry } from '@bhiv/artifact-registry';
import type { Command } from 'commander';
import { CliError } from '../core/cli-error.ts';
import { documentOf } from '../core/documents.ts';
import { examples } from '../core/examples.ts';
import type { Io } from '../core/io.ts';
import { addPageOptions, moreLine, type PageFlags, readPages } from '../core/pages.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';
import { versionLines } from '../core/version-table.ts';

export function addLs(program: Command, io: Io): void {
  const ls = program
    .command('ls')
    .summary('list the models of the registry, or the versions of one')
    .description(
      'Without a model: the latest version of each. With one: its versions, newest first, with aliases and tags.',
    )
    .argument('[model]', 'the name of a model');
  addPageOptions(ls)
    .addHelpText(
      'after',
      examples('bhiv ls', 'bhiv ls llama-3-8b', 'bhiv ls llama-3-8b --json | jq -r ".versions[].version"'),
    )
    .action(running(io, list));
}

async function list(run: Run, model: string | undefined, options: PageFlags): Promise<void> {
  const registry = await run.registry();
  const { entries: versions, cursor } = await readPages(options, async (page) => {
    const found =
      model === undefined
        ? await registry.search({ ...page, latestOnly: true })
        : await registry.listVersions(model, page);
    return { entries: found.versions, cursor: found.cursor };
  });
  if (model !== undefined && versions.length === 0 && options.cursor === undefined)
    throw await unknown(model);
  const aliases = model === undefined ? [] : await registry.listAliases(model);
  run.output.answer(
    {
      versions: versions.map(documentOf),
      ...(model !== undefined && { aliases: aliasesOf(aliases) }),
      cursor,
    },
    [...versionLines(versions, aliases), ...moreLine(cursor)],
  );
}

function aliasesOf(aliases: Awaited<ReturnType<Registry['listAliases']>>) {
  return aliases.map(({ alias, version, setAt, setBy }) => ({
    alias,
    version,
    set_at: setAt,
    set_by: setBy,
  }));
}

async function unknown(model: string): Promise<CliError> {
  const message = `Nothing is registered as "${model}": look at the name, or publish a version first.`;
  return new CliError('version_not_found', message, { found: model, hint: 'bhiv ls lists what there is.' });
}
