import { createReadStream, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactRef } from '@bhiv/bucket-client';
import type { Command } from 'commander';
import { examples } from '../core/examples.ts';
import { formatBytes } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { addressOf, parseAddress } from '../core/names.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';
import { withAdvice } from '../core/unknown-version.ts';

interface GetOptions {
  readonly digest?: string;
  /** False with `--no-overwrite`. */
  readonly overwrite: boolean;
}

export function addGet(program: Command, io: Io): void {
  program
    .command('get')
    .summary('download one version to a file')
    .description(
      'Downloads one version to a file, which gets its name once every byte is there and verified. A connection that breaks is taken up again where it broke.',
    )
    .argument('<bucket/artifact@version>', 'the name in Bucket')
    .argument('[file]', 'the file, a folder to put it into, or - for standard output', '.')
    .option('--digest <digest>', 'sha256:… that the bytes must have')
    .option('--no-overwrite', 'leave a file alone that is there already (exit status 4)')
    .addHelpText(
      'after',
      examples(
        'bhiv get prod-models/llama-3-8b@v3.1.0 ./serve/model.safetensors',
        'bhiv get prod-models/llama-3-8b@v3.1.0 --digest sha256:2f1c…',
        'bhiv get logs/run-47@v1 - | tar x',
      ),
    )
    .action(running(io, get));
}

async function get(run: Run, name: string, file: string, options: GetOptions): Promise<void> {
  const ref = parseAddress(name);
  if (file === '-') return toStdout(run, ref, options);
  const path = isFolder(file) ? join(file, ref.artifactId) : file;
  const { digest, size } = await download(run, ref, path, options);
  run.output.done(
    {
      bucket_id: ref.bucketId,
      artifact_id: ref.artifactId,
      version: ref.version,
      digest,
      size_bytes: size,
      path,
    },
    [`${path}: ${formatBytes(size)}, ${digest}`],
  );
}

/** Through a file, so that nothing goes out that is not verified. */
async function toStdout(run: Run, ref: ArtifactRef, options: GetOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bhiv-get-'));
  try {
    const path = join(folder, 'bytes');
    await download(run, ref, path, options);
    await pipeline(createReadStream(path), run.io.stdout, { end: false, signal: run.signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(run: Run, ref: ArtifactRef, path: string, { digest, overwrite }: GetOptions) {
  const bucket = await run.bucket();
  return run.withProgress((progress) =>
    withAdvice(run, ref, () =>
      bucket.downloadArtifact(ref, path, {
        signal: run.signal,
        overwrite,
        onProgress: ({ phase, bytes, total }) =>
          progress.show({ label: phase, done: bytes, total, note: addressOf(ref) }),
        ...(digest !== undefined && { digest }),
      }),
    ),
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
