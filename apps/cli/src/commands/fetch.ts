import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type FetchProgress, fetch } from '@bhiv/artifact-registry';
import type { Command } from 'commander';
import { examples } from '../core/examples.ts';
import { count, formatBytes } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { type Located, locate, REFERENCE } from '../core/locate.ts';
import { addressOf } from '../core/names.ts';
import { wholeNumber } from '../core/numbers.ts';
import type { Step } from '../core/progress.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';

interface FetchCommandOptions {
  readonly digest?: string;
  readonly concurrency?: number;
}

const AGAIN = 'run the same command again: what has come is not fetched again.';

export function addFetch(program: Command, io: Io): void {
  program
    .command('fetch')
    .summary('put a version back together in a folder')
    .description(
      'Fetches all files of a version into a folder, in parallel, and verifies every byte. A file gets its name when it is whole and verified. Files that are there and right are kept; one that was cut off goes on when it is run again. A version that was put, not published, is fetched as one file, named like its artifact.',
    )
    .argument('<reference>', REFERENCE)
    .argument('<folder>', 'where the files go; other files in it are left alone')
    .option('--digest <digest>', 'sha256:… that the manifest must have, where the registry does not say it')
    .option('--concurrency <number>', 'how many ranges are read at a time (default: 3)', wholeNumber(1, 16))
    .addHelpText(
      'after',
      examples(
        'bhiv fetch llama-3-8b:production ./serve',
        'bhiv fetch llama-3-8b@v3.1.0 ./serve',
        'bhiv fetch llama-3-8b@sha256:2f1c… ./serve',
        'bhiv fetch prod-models/llama-3-8b@v3.1.0 ./serve --digest sha256:2f1c…',
      ),
    )
    .action(running(io, fetchVersion, AGAIN));
}

async function fetchVersion(
  run: Run,
  reference: string,
  folder: string,
  options: FetchCommandOptions,
): Promise<void> {
  const located = await locate(run, reference, options.digest);
  await (located.kind === 'manifest' ? fetchFiles : fetchOneFile)(run, located, folder, options);
}

async function fetchFiles(run: Run, located: Located, folder: string, options: FetchCommandOptions) {
  const { bucketId, artifactId, version, digest } = located;
  const { concurrency } = options;
  const transport = await run.bucket();
  const fetched = await run.withProgress((progress) =>
    fetch(
      {
        ...{ transport, bucketId, artifactId, version, digest, concurrency, signal: run.signal },
        onProgress: (told) => progress.show(stepOf(told)),
      },
      folder,
    ),
  );
  const { files, filesKept, bytesTotal, bytesKept, bytesReceived } = fetched;
  run.output.done(
    {
      ...placeOf(located, fetched.digest, folder),
      ...{
        files,
        files_kept: filesKept,
        bytes: bytesTotal,
        bytes_kept: bytesKept,
        bytes_received: bytesReceived,
      },
    },
    [
      `${located.registeredAs ?? addressOf(located)} is in ${folder}: ${count(files, 'file')}, ${formatBytes(bytesTotal)}`,
      `received ${formatBytes(bytesReceived)}, ${formatBytes(bytesKept)} were there already`,
    ],
  );
}

async function fetchOneFile(run: Run, located: Located, folder: string) {
  const path = join(folder, located.artifactId);
  const { digest: expected } = located;
  mkdirSync(folder, { recursive: true });
  const bucket = await run.bucket();
  const { digest, size } = await run.withProgress((progress) =>
    bucket.downloadArtifact(located, path, {
      signal: run.signal,
      onProgress: ({ bytes, total }) => progress.show({ label: 'fetching', done: bytes, total }),
      ...(expected !== undefined && { digest: expected }),
    }),
  );
  run.output.done(
    {
      ...placeOf(located, digest, folder),
      ...{ files: 1, files_kept: 0, bytes: size, bytes_kept: 0, bytes_received: size },
    },
    [`${located.registeredAs ?? addressOf(located)} is in ${path}: 1 file, ${formatBytes(size)}`],
  );
}

function placeOf({ registeredAs, bucketId, artifactId, version }: Located, digest: string, folder: string) {
  return {
    registered_as: registeredAs,
    bucket_id: bucketId,
    artifact_id: artifactId,
    version,
    digest,
    folder,
  };
}

function stepOf({ bytesTotal: total, bytesKept, bytesWritten, bytesReceived }: FetchProgress): Step {
  return {
    label: bytesReceived === 0 ? 'looking at what is there' : 'fetching',
    done: bytesKept + bytesWritten,
    total,
    note: bytesKept > 0 ? `${formatBytes(bytesKept)} were there` : undefined,
  };
}
