import type { Command } from 'commander';
import { examples } from '../core/examples.ts';
import { fields, formatBytes, printable } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { parseAddress } from '../core/names.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';
import { unknownVersion } from '../core/unknown-version.ts';

export function addHead(program: Command, io: Io): void {
  program
    .command('head')
    .summary('show what Bucket knows of one version')
    .description('Shows the metadata of one version in Bucket, without its bytes.')
    .argument('<bucket/artifact@version>', 'the name in Bucket')
    .addHelpText(
      'after',
      examples(
        'bhiv head prod-models/llama-3-8b@v3.1.0',
        'bhiv head prod-models/llama-3-8b@v3.1.0 --json | jq -r .digest',
      ),
    )
    .action(running(io, head));
}

async function head(run: Run, name: string): Promise<void> {
  const ref = parseAddress(name);
  const metadata = await (await run.bucket()).headArtifact(ref, { signal: run.signal });
  if (metadata === null) throw await unknownVersion(run, ref);
  const { bucket_id, artifact_id, version, digest, size_bytes, created_at, uploaded_by, provenance_source } =
    metadata;
  run.output.answer(
    metadata,
    fields({
      bucket: bucket_id,
      artifact: artifact_id,
      version,
      digest,
      size: `${formatBytes(size_bytes)} (${size_bytes} bytes)`,
      created: printable(created_at),
      by: printable(uploaded_by),
      source: printable(provenance_source),
    }),
  );
}
