import type { ArtifactKind } from '@bhiv/artifact-registry';
import { type Command, Option } from 'commander';
import { documentOf } from '../core/documents.ts';
import { examples } from '../core/examples.ts';
import type { Io } from '../core/io.ts';
import { type KeyValues, keyValue, listed } from '../core/key-values.ts';
import { addPageOptions, moreLine, type PageFlags, readPages } from '../core/pages.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';
import { versionLines } from '../core/version-table.ts';

interface SearchOptions extends PageFlags {
  readonly where?: KeyValues;
  readonly tag?: readonly string[];
  readonly model?: string;
  readonly prefix?: string;
  readonly bucket?: string;
  readonly artifact?: string;
  readonly digest?: string;
  readonly kind?: ArtifactKind;
  readonly registeredBy?: string;
  readonly latest?: true;
}

export function addSearch(program: Command, io: Io): void {
  const search = program
    .command('search')
    .summary('find versions by what the registry knows of them')
    .description('Finds the versions of the registry for which every condition holds. None is no error.')
    .option('--where <key=value>', 'metadata has this; may be given several times', keyValue)
    .option('--tag <tag>', 'has this tag; may be given several times', listed)
    .option('--model <name>', 'of this model')
    .option('--prefix <text>', 'of models whose names begin so')
    .option('--bucket <name>', 'in this bucket')
    .option('--artifact <name>', 'of this artifact in Bucket')
    .option('--digest <digest>', 'with this digest')
    .addOption(new Option('--kind <kind>', 'put or published').choices(['artifact', 'manifest']))
    .option('--registered-by <name>', 'registered by this machine, job or team')
    .option('--latest', 'only the latest version of each model');
  addPageOptions(search)
    .addHelpText(
      'after',
      examples(
        'bhiv search --where task=code --where accuracy=0.93',
        'bhiv search --tag candidate --prefix llama- --latest',
        'bhiv search --digest sha256:2f1c… --json | jq -r ".versions[].logical_id"',
      ),
    )
    .action(running(io, find));
}

async function find(run: Run, options: SearchOptions): Promise<void> {
  const { where: metadata, tag: tags, model: logicalId, prefix: logicalIdPrefix } = options;
  const { bucket: bucketId, artifact: artifactId, digest, kind, registeredBy, latest: latestOnly } = options;
  const registry = await run.registry();
  const { entries: versions, cursor } = await readPages(options, async (page) => {
    const found = await registry.search({
      ...{ ...page, metadata, tags, logicalId, logicalIdPrefix },
      ...{ bucketId, artifactId, digest, kind, registeredBy, latestOnly },
    });
    return { entries: found.versions, cursor: found.cursor };
  });
  run.output.answer({ versions: versions.map(documentOf), cursor }, [
    ...versionLines(versions),
    ...moreLine(cursor),
  ]);
}
