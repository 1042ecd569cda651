import { basename, resolve } from 'node:path';
import { type PublishProgress, packArtifactId, publish } from '@bhiv/artifact-registry';
import type { Command } from 'commander';
import { CliError, wrongUse } from '../core/cli-error.ts';
import { earlierManifests } from '../core/earlier-manifests.ts';
import { examples } from '../core/examples.ts';
import { count, formatBytes } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { addLabelOptions, type LabelOptions, NewRow } from '../core/labels.ts';
import { wholeNumber } from '../core/numbers.ts';
import type { Step } from '../core/progress.ts';
import { parseNewVersion } from '../core/references.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';
import { WatchedTransport } from '../core/watched-transport.ts';

interface PublishCommandOptions extends LabelOptions {
  readonly concurrency?: number;
  readonly verifyPacks?: true;
}

const AGAIN = 'run the same command again: what is in Bucket is not sent again.';

export function addPublish(program: Command, io: Io): void {
  const command = program
    .command('publish')
    .summary('store a folder or a file as a version, and send only what is new')
    .description(
      'Stores a folder or a file as a version of a model, in pieces, and sends only those that no earlier version has. The version is registered once all of it is stored. One that was cut off goes on when it is run again.',
    )
    .argument('<path>', 'a folder, with all that is in it, or a file')
    .argument('<model@version>', 'the new version')
    .option('--bucket <name>', 'the bucket it goes to (BHIV_BUCKET)')
    .option('--by <name>', 'who publishes: a machine, job or team (BHIV_BY; else the name of this machine)')
    .option(
      '--source <name>',
      'what made it, such as a training run (BHIV_SOURCE; else the name of the folder)',
    );
  addLabelOptions(command)
    .option('--verify-packs', 'read back what earlier versions have sent, and heal what is damaged')
    .option('--concurrency <number>', 'how many packs are sent at a time (default: 3)', wholeNumber(1, 16))
    .addHelpText(
      'after',
      examples(
        'bhiv publish ./run-47 llama-3-8b@v3.1.0 --bucket prod-models --alias staging',
        'bhiv publish ./run-48 llama-3-8b@v3.2.0 --bucket prod-models --parent llama-3-8b:production --meta accuracy=0.93',
        'bhiv publish ./run-48 llama-3-8b@v3.2.0 --bucket prod-models --alias production --expect v3.1.0',
      ),
    )
    .action(running(io, publishFolder, AGAIN));
}

async function publishFolder(
  run: Run,
  path: string,
  name: string,
  options: PublishCommandOptions,
): Promise<void> {
  const { model, version } = parseNewVersion(name);
  const { by, bucket: bucketId, source = basename(resolve(path)) } = run.settings;
  if (bucketId === undefined)
    throw wrongUse('--bucket is missing: name the bucket that it goes to, for example --bucket prod-models.');
  const registry = await run.registryToWrite();
  const row = new NewRow(registry, { logicalId: model, version }, options);
  await row.check(by, { bucketId, artifactId: model, kind: 'manifest' });

  const transport = new WatchedTransport(await run.bucket(), packArtifactId(model));
  let registered: Awaited<ReturnType<NewRow['register']>> | undefined;
  const published = await run.withProgress((progress) =>
    publish({
      ...{ transport, source: path, logicalId: model, version, bucketId },
      ...{ uploadedBy: by, provenanceSource: source, signal: run.signal },
      concurrency: options.concurrency,
      verifyPacks: options.verifyPacks,
      earlier: () => earlierManifests(run, { registry, transport, model, version, bucketId }),
      onProgress: (told) => progress.show(stepOf(told, transport.bytesFound)),
      register: async ({ artifactId, digest, size }) => {
        registered = await row.register({ bucketId, artifactId, digest, sizeBytes: size, kind: 'manifest' });
      },
    }).catch(takenAsTooLarge),
  );

  const { artifactId, digest, size, files, bytes, bytesReused, bytesFound, bytesSent, healed } = published;
  const notes = [
    `${formatBytes(bytesReused)} deduplicated`,
    ...(bytesFound > 0 ? [`${formatBytes(bytesFound)} there from an upload that was cut off`] : []),
    ...(healed.length > 0 ? [`${count(healed.length, 'pack')} healed`] : []),
  ];
  run.output.done(
    {
      ...{
        logical_id: model,
        version,
        bucket_id: bucketId,
        artifact_id: artifactId,
        digest,
        size_bytes: size,
      },
      ...{ files, bytes, bytes_reused: bytesReused, bytes_found: bytesFound, bytes_sent: bytesSent, healed },
      ...{ already_published: published.alreadyPublished, already_registered: registered?.alreadyRegistered },
      ...{ uploaded_by: by, provenance_source: source, alias: registered?.alias },
    },
    [
      `${model}@${version} ${published.alreadyPublished ? 'is published already' : 'published'}: ${count(files, 'file')}, ${formatBytes(bytes)}`,
      `sent ${formatBytes(bytesSent)}, ${notes.join(', ')}`,
      `${bucketId}/${artifactId}@${version} ${digest}`,
      ...(registered?.alias ? [`${model}:${registered.alias.alias} → ${version}`] : []),
    ],
  );
}

/** What the libraries advise for what is too large is to publish it, which is no way out here. */
function takenAsTooLarge(cause: unknown): never {
  const { code }: { readonly code?: unknown } = Object(cause);
  if (code !== 'artifact_too_large') throw cause;
  const message =
    'Bucket, or a gateway before it, takes less than what is sent at once: packs of up to 32 MiB, and a manifest.';
  const hint = 'raise the limit there; that of Bucket is BUCKET_MAX_ARTIFACT_BYTES.';
  throw new CliError('artifact_too_large', message, { hint, cause });
}

/** What is scanned is done once Bucket has it, so the bar stands at what needs no more sending. */
function stepOf(told: PublishProgress, bytesFound: number): Step {
  const { bytesTotal: total, bytesReused, bytesSent, bytesScanned, bytesVerified } = told;
  if (bytesVerified > 0) return { label: 'verifying packs', done: bytesVerified, total: undefined };
  return {
    label: 'publishing',
    done: Math.min(bytesReused + bytesFound + bytesSent, bytesScanned),
    total,
    note: bytesReused > 0 ? `${formatBytes(bytesReused)} deduplicated` : undefined,
  };
}
