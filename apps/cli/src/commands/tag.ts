import type { Command } from 'commander';
import { examples } from '../core/examples.ts';
import type { Io } from '../core/io.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

export function addTag(program: Command, io: Io): void {
  const tag = program
    .command('tag')
    .summary('mark versions: add and remove tags')
    .description('Adds and removes tags, the one thing of a version that can change.');
  for (const how of ['add', 'rm'] as const) {
    tag
      .command(how)
      .summary(how === 'add' ? 'add tags to a version' : 'take tags away from a version')
      .description(
        how === 'add'
          ? 'Adds tags to those that a version has, and shows all that it has then.'
          : 'Takes tags away from a version, and shows all that are left. Those that it does not have are no error.',
      )
      .argument('<reference>', 'model:alias, model@version or model@sha256:…')
      .argument('<tags...>', 'one or more')
      .addHelpText('after', examples(`bhiv tag ${how} llama-3-8b@v3.1.0 candidate task=code`))
      .action(
        running(io, (run, reference: string, tags: readonly string[]) => change(run, how, reference, tags)),
      );
  }
}

async function change(
  run: Run,
  how: 'add' | 'rm',
  reference: string,
  tags: readonly string[],
): Promise<void> {
  const registry = await run.registry();
  const { logicalId, version } = await registry.resolve(reference);
  const now =
    how === 'add'
      ? await registry.addTags(logicalId, version, tags)
      : await registry.removeTags(logicalId, version, tags);
  run.output.done({ logical_id: logicalId, version, tags: now }, [
    `${logicalId}@${version}: ${now.length > 0 ? now.join(' ') : 'no tags'}`,
  ]);
}
