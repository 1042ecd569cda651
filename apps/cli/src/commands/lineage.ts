import type { Command } from 'commander';
import { examples } from '../core/examples.ts';
import type { Io } from '../core/io.ts';
import { wholeNumber } from '../core/numbers.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

interface LineageFlags {
  readonly down?: boolean;
  readonly depth?: number;
}

export function addLineage(program: Command, io: Io): void {
  program
    .command('lineage')
    .summary('show what a version was made from, or what was made from it')
    .description('Shows what a version was made from, step by step; with --down, what was made from it.')
    .argument('<reference>', 'model:alias, model@version or model@sha256:…')
    .option('--down', 'what was made from it')
    .option('--depth <number>', 'the most steps (default: 10)', wholeNumber(1, 100))
    .addHelpText(
      'after',
      examples('bhiv lineage llama-3-8b:production', 'bhiv lineage llama-3-8b@v3.0.0 --down --depth 1'),
    )
    .action(running(io, show));
}

async function show(run: Run, reference: string, { down = false, depth }: LineageFlags): Promise<void> {
  const registry = await run.registry();
  const { logicalId, version } = await registry.resolve(reference);
  const graph = down
    ? await registry.getDescendants(logicalId, version, { depth })
    : await registry.getAncestors(logicalId, version, { depth });
  run.output.answer(
    {
      direction: down ? 'down' : 'up',
      nodes: graph.nodes.map((node) => ({
        ...{ logical_id: node.logicalId, version: node.version, digest: node.digest, kind: node.kind },
        depth: node.depth,
        parents: node.parents.map((parent) => ({ logical_id: parent.logicalId, version: parent.version })),
      })),
      truncated: graph.truncated,
    },
    [
      ...graph.nodes.map((node) => {
        const parents = node.parents.map((parent) => `${parent.logicalId}@${parent.version}`).join(', ');
        const from = parents === '' ? '' : `  from ${parents}`;
        return `${'  '.repeat(node.depth)}${node.logicalId}@${node.version}${from}`;
      }),
      ...(graph.truncated ? ['… more: raise --depth, or begin further on'] : []),
    ],
  );
}
