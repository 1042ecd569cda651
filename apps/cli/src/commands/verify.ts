import { type Problem, verify } from '@bhiv/artifact-registry';
import type { Command } from 'commander';
import { CliError } from '../core/cli-error.ts';
import { examples } from '../core/examples.ts';
import { count, formatBytes, printable } from '../core/format.ts';
import type { Io } from '../core/io.ts';
import { type Located, locate, REFERENCE } from '../core/locate.ts';
import { addressOf } from '../core/names.ts';
import { wholeNumber } from '../core/numbers.ts';
import type { Run } from '../core/run.ts';
import { running } from '../core/running.ts';
import { verifyArtifact } from '../core/verify-artifact.ts';

interface VerifyCommandOptions {
  readonly digest?: string;
  readonly concurrency?: number;
}

export function addVerify(program: Command, io: Io): void {
  program
    .command('verify')
    .summary('read a whole version and tell of every damaged byte')
    .description(
      'Reads everything that a version is made of and holds it to its digests. Writes nothing. Where something is damaged or gone, it says what, and which files need it (exit status 5).',
    )
    .argument('<reference>', REFERENCE)
    .option('--digest <digest>', 'sha256:… that the manifest must have, where the registry does not say it')
    .option('--concurrency <number>', 'how many ranges are read at a time (default: 3)', wholeNumber(1, 16))
    .addHelpText(
      'after',
      examples('bhiv verify llama-3-8b:production', 'bhiv verify llama-3-8b@v3.1.0 --json | jq .problems'),
    )
    .action(running(io, verifyVersion));
}

async function verifyVersion(run: Run, reference: string, options: VerifyCommandOptions): Promise<void> {
  const located = await locate(run, reference, options.digest);
  const { kind, bucketId, artifactId, version, registeredAs } = located;
  const found = await (kind === 'manifest' ? verifyManifest : verifyBytes)(run, located, options);
  const { digest, files, packs, bytes, problems } = found;
  const name = registeredAs ?? addressOf(located);
  run.output.answer(
    {
      ...{ registered_as: registeredAs, bucket_id: bucketId, artifact_id: artifactId, version, digest },
      ...{ files, packs, bytes, problems },
    },
    problems.length === 0
      ? [`${name} is right: ${count(files, 'file')}, ${count(packs, 'pack')}, ${formatBytes(bytes)} read`]
      : problems.map(({ message }) => printable(message)),
  );
  if (problems.length === 0) return;
  const paths = new Set(problems.flatMap(({ paths }) => paths)).size;
  const message = `${name} is damaged: ${count(problems.length, 'problem')}, ${count(paths, 'file')} of ${files} cannot be fetched.`;
  throw new CliError('not_verified', message, {
    found: problems.length,
    hint: 'publish the same files again with --verify-packs: what is damaged is healed.',
  });
}

interface Found {
  readonly digest: string;
  readonly files: number;
  readonly packs: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
}

async function verifyManifest(run: Run, located: Located, options: VerifyCommandOptions): Promise<Found> {
  const { bucketId, artifactId, version, digest } = located;
  const { concurrency } = options;
  const transport = await run.bucket();
  const verified = await run.withProgress((progress) =>
    verify({
      ...{ transport, bucketId, artifactId, version, digest, concurrency, signal: run.signal },
      onProgress: ({ bytesRead, bytesTotal }) =>
        progress.show({ label: 'verifying', done: bytesRead, total: bytesTotal }),
    }),
  );
  return { ...verified, bytes: verified.bytesRead };
}

/** Of a version that was put, not published: its bytes alone. */
async function verifyBytes(run: Run, located: Located): Promise<Found> {
  const { digest = '', sizeBytes = 0 } = located;
  const problem = await run.withProgress((progress) =>
    verifyArtifact(run, { ...located, digest, sizeBytes }, (done) =>
      progress.show({ label: 'verifying', done, total: sizeBytes }),
    ),
  );
  return { digest, files: 1, packs: 1, bytes: sizeBytes, problems: problem === undefined ? [] : [problem] };
}
