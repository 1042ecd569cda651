import type { Command } from 'commander';
import { CliError } from '../core/cli-error.ts';
import { examples } from '../core/examples.ts';
import { formatBytes, printable, table } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { parseArtifact } from '../core/names.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

export function addVersions(program: Command, io: Io): void {
  program
    .command('versions')
    .summary('list what Bucket has of an artifact')
    .description(
      'Lists the versions that Bucket has of an artifact, in the order of the times that they carry.',
    )
    .argument('<bucket/artifact>', 'the name in Bucket')
    .addHelpText(
      'after',
      examples(
        'bhiv versions prod-models/llama-3-8b',
        'bhiv versions prod-models/llama-3-8b --json | jq -r ".versions[].version"',
      ),
    )
    .action(running(io, versions));
}

async function versions(run: Run, name: string): Promise<void> {
  const { bucketId, artifactId } = parseArtifact(name);
  const entries = await (await run.bucket()).listVersions(bucketId, artifactId, { signal: run.signal });
  if (entries.length === 0)
    throw new CliError('artifact_not_found', `Bucket has no artifact ${name}: look at the names.`, {
      found: name,
    });
  const inTime = [...entries].sort(
    (a, b) => compare(a.created_at, b.created_at) || compare(a.version, b.version),
  );
  run.output.answer(
    { bucket_id: bucketId, artifact_id: artifactId, versions: inTime },
    table(
      inTime.map((entry) => [
        entry.version,
        formatBytes(entry.size_bytes),
        printable(entry.created_at),
        entry.digest,
      ]),
    ),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
