import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { TransferProgress } from '@bhiv/bucket-client';
import type { Command } from 'commander';
import { wrongUse } from '../core/cli-error.ts';
import { examples } from '../core/examples.ts';
import { formatBytes } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { addLabelOptions, type LabelOptions, NewRow } from '../core/labels.ts';
import { addressOf, parseAddress } from '../core/names.ts';
import { bytes } from '../core/numbers.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

interface PutOptions extends LabelOptions {
  readonly createdAt?: string;
  readonly digest?: string;
  readonly allowEmpty?: true;
  readonly maxBytes?: number;
  readonly register?: true;
  readonly model?: string;
}

export function addPut(program: Command, io: Io): void {
  const put = program
    .command('put')
    .summary('upload a file as one version')
    .description(
      'Uploads a file as one version of an artifact, verified and durable when the command ends. What is stored is never overwritten: the same bytes again are no error, others under the same version are (exit status 4).',
    )
    .argument('<file>', 'the file, or - for standard input')
    .argument('<bucket/artifact@version>', 'the name in Bucket')
    .option('--by <name>', 'who uploads: a machine, job or team (BHIV_BY; else the name of this machine)')
    .option('--source <name>', 'what made the bytes, such as a training run (BHIV_SOURCE)')
    .option('--created-at <time>', 'when it was made, ISO 8601 (else the time of receipt)')
    .option('--digest <digest>', 'sha256:… that the file must have')
    .option('--allow-empty', 'let a file of 0 bytes pass')
    .option('--max-bytes <bytes>', 'the most that the Bucket takes, such as 10GiB (default: 5GiB)', bytes)
    .option('--register', 'register it too, as a version of the model that the artifact is named after')
    .option('--model <name>', 'register it as a version of this model');
  addLabelOptions(put)
    .addHelpText(
      'after',
      examples(
        'bhiv put ./run-47/model.safetensors prod-models/llama-3-8b@v3.1.0 --by trainer-7 --source run-47',
        'bhiv put eval.jsonl evals/llama-3-8b@run-47 --source run-47 --register --meta task=code --tag candidate',
        'tar c logs | bhiv put - logs/run-47@sha256-3f2a9c1b77d0 --source run-47',
      ),
    )
    .action(running(io, put_));
}

async function put_(run: Run, file: string, name: string, options: PutOptions): Promise<void> {
  const ref = parseAddress(name);
  const { by, source } = run.settings;
  if (source === undefined)
    throw wrongUse('--source is missing: name what made the bytes, for example --source run-47.');
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw wrongUse(`${file} is a folder: store it with bhiv publish.`);
  const row = await rowOf(run, ref.artifactId, ref.version, options);
  await row?.check(by, { ...ref, kind: 'artifact' });
  const upload = { ...ref, uploadedBy: by, provenanceSource: source, ...claimsOf(options) };
  const bucket = await run.bucket();
  const { metadata, alreadyStored } = await run.withProgress((progress) =>
    bucket.uploadArtifact(upload, file === '-' ? run.io.stdin : file, {
      signal: run.signal,
      spool: file === '-',
      onProgress: ({ phase, bytes, total }: TransferProgress) =>
        progress.show({ label: phase, done: bytes, total, note: file === '-' ? undefined : basename(file) }),
      onWarning: ({ message }) => run.output.warn(message),
      ...(options.allowEmpty && { allowEmpty: true }),
      ...(options.maxBytes !== undefined && { maxBytes: options.maxBytes }),
    }),
  );
  const { digest, size_bytes: sizeBytes } = metadata;
  const registered = await row?.register({ ...ref, digest, sizeBytes, kind: 'artifact' });
  const what = alreadyStored ? 'is stored already' : 'stored';
  run.output.done(
    {
      ...metadata,
      already_stored: alreadyStored,
      ...(registered && { already_registered: registered.alreadyRegistered, alias: registered.alias }),
    },
    [
      `${addressOf(ref)} ${what}: ${formatBytes(sizeBytes)}, ${digest}`,
      ...(registered ? [`registered as ${options.model ?? ref.artifactId}@${ref.version}`] : []),
      ...(registered?.alias ? [`${options.alias} → ${ref.version}`] : []),
    ],
  );
}

/** The row that is asked for; undefined where none is. Throws CliError `wrong_use` for labels without a row. */
async function rowOf(
  run: Run,
  artifactId: string,
  version: string,
  options: PutOptions,
): Promise<NewRow | undefined> {
  const { register, model, meta, tag, parent, alias, expect, expectNew } = options;
  if (register || model !== undefined)
    return new NewRow(await run.registryToWrite(), { logicalId: model ?? artifactId, version }, options);
  const label = [meta, tag, parent, alias, expect, expectNew].find((given) => given !== undefined);
  if (label === undefined) return undefined;
  throw wrongUse('--meta, --tag, --parent and --alias are kept in the registry: add --register.');
}

function claimsOf({ createdAt, digest }: PutOptions) {
  return { ...(createdAt !== undefined && { createdAt }), ...(digest !== undefined && { digest }) };
}
