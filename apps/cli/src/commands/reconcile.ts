import { type Finding, reconcile } from '@bhiv/artifact-registry';
import type { Command } from 'commander';
import { CliError } from '../core/cli-error.ts';
import { documentOf } from '../core/documents.ts';
import { examples } from '../core/examples.ts';
import { count, printable } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { listed } from '../core/key-values.ts';
import { parseArtifact } from '../core/names.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

interface ReconcileFlags {
  readonly model?: string;
  readonly prefix?: string;
  readonly bucket?: string;
  readonly artifact?: readonly string[];
  readonly register?: true;
}

export function addReconcile(program: Command, io: Io): void {
  program
    .command('reconcile')
    .summary('compare the registry with Bucket')
    .description(
      'Compares every row of the registry with what Bucket has, and the versions in Bucket with the rows. Rows whose bytes are gone or differ are told (exit status 5); versions without a row, such as those of a publish that was cut off, are offered. Nothing is changed unless --register is given. Whether the bytes are still right is for verify to say.',
    )
    .option('--model <name>', 'only this model')
    .option('--prefix <text>', 'only models whose names begin so')
    .option('--bucket <name>', 'only what is in this bucket')
    .option(
      '--artifact <bucket/artifact>',
      'look at this one too, which no row names; may be given several times',
      listed,
    )
    .option('--register', 'register what has no row, the oldest first')
    .addHelpText(
      'after',
      examples(
        'bhiv reconcile',
        'bhiv reconcile --model llama-3-8b --register',
        'bhiv reconcile --artifact prod-models/llama-3-8b',
      ),
    )
    .action(running(io, compare));
}

async function compare(run: Run, flags: ReconcileFlags): Promise<void> {
  const { model: logicalId, prefix: logicalIdPrefix, bucket: bucketId, register, artifact = [] } = flags;
  const registry = register || artifact.length > 0 ? await run.registryToWrite() : await run.registry();
  const findings: Finding[] = [];
  const transport = await run.bucket();
  const result = await reconcile({
    ...{
      registry,
      transport,
      logicalId,
      logicalIdPrefix,
      bucketId,
      register,
      signal: run.signal,
    },
    artifacts: artifact.map(parseArtifact),
    onFinding: (finding) => void findings.push(finding),
  });
  const { artifacts, rows, missing, differing, unregistered, registered } = result;
  const compared = `${count(rows, 'row')} of ${count(artifacts, 'artifact')} compared`;
  const counts = `${missing} missing, ${differing} differing, ${unregistered} without a row${registered > 0 ? `, ${registered} of them registered now` : ''}`;
  run.output.answer({ ...result, findings: findings.map(findingDocument) }, [
    ...findings.map(({ kind, message }) => `${kind}: ${printable(message)}`),
    `${compared}: ${counts}`,
  ]);
  if (missing + differing === 0) return;
  const message = `${count(missing + differing, 'row')} of the registry and Bucket do not agree.`;
  throw new CliError('not_verified', message, { found: missing + differing });
}

function findingDocument(finding: Finding): object {
  const { kind, message } = finding;
  switch (finding.kind) {
    case 'missing':
      return { kind, message, row: documentOf(finding.row) };
    case 'differing':
      return { kind, message, row: documentOf(finding.row), found: finding.found };
    case 'unregistered': {
      const { bucketId, artifactId, version, digest, size_bytes } = finding.artifact;
      const artifact = { bucket_id: bucketId, artifact_id: artifactId, version, digest, size_bytes };
      return {
        kind,
        message,
        artifact,
        registered: finding.registered,
        logical_id: finding.registration?.logicalId,
      };
    }
  }
}
