import type { Command } from 'commander';
import { documentOf } from '../core/documents.ts';
import { examples } from '../core/examples.ts';
import { fields, formatBytes, printable } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { addressOf } from '../core/names.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

export function addShow(program: Command, io: Io): void {
  program
    .command('show')
    .summary('show what the registry knows of one version')
    .description(
      'Shows one version of the registry: where its bytes are, what it was made from, who registered it and when.',
    )
    .argument('<reference>', 'model:alias, model@version or model@sha256:…')
    .addHelpText(
      'after',
      examples('bhiv show llama-3-8b:production', 'bhiv show llama-3-8b:latest --json | jq .metadata'),
    )
    .action(running(io, show));
}

async function show(run: Run, reference: string): Promise<void> {
  const registry = await run.registry();
  const record = await registry.resolve(reference);
  const { logicalId, version, kind, sizeBytes, digest, tags, parents, metadata } = record;
  const all = await registry.listAliases(logicalId);
  const aliases = all.filter((alias) => alias.version === version).map(({ alias }) => alias);
  run.output.answer({ ...documentOf(record), aliases }, [
    ...fields({
      version: `${logicalId}@${version}`,
      aliases: aliases.length > 0 ? aliases.join(' ') : undefined,
      kind,
      'in Bucket': addressOf(record),
      digest,
      size: `${formatBytes(sizeBytes)}${kind === 'manifest' ? ' of manifest' : ''}`,
      registered: `${record.registeredAt} by ${printable(record.registeredBy)}`,
      created: record.createdAt === record.registeredAt ? undefined : printable(record.createdAt),
      tags: tags.length > 0 ? tags.join(' ') : undefined,
      parents:
        parents.length > 0
          ? parents.map((parent) => `${parent.logicalId}@${parent.version}`).join(' ')
          : undefined,
    }),
    ...Object.entries(metadata).map(
      ([key, value]) => `  ${printable(key)} = ${printable(JSON.stringify(value))}`,
    ),
  ]);
}
