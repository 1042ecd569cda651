import { createHash } from 'node:crypto';
import type { Problem } from '@bhiv/artifact-registry';
import { ArtifactError, type ArtifactRef } from '@bhiv/bucket-client';
import { EXIT, exitStatusOf } from './exit-status.ts';
import type { Run } from './run.ts';

/** Read at a time: so memory does not grow with the size. */
const RANGE_BYTES = 8 * 1024 * 1024;

interface Registered extends ArtifactRef {
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Reads one artifact whole and holds it to its digest; gives what is wrong with it. */
export async function verifyArtifact(
  run: Run,
  { bucketId, artifactId, version, digest, sizeBytes }: Registered,
  onBytes: (done: number) => void,
): Promise<Problem | undefined> {
  const ref = { bucketId, artifactId, version };
  const problem = (code: string, message: string): Problem => ({
    ...{ code, message, artifactId, version, expected: digest },
    paths: [artifactId],
  });
  const bucket = await run.bucket();
  const hash = createHash('sha256');
  try {
    for (let start = 0; start < sizeBytes; start += RANGE_BYTES) {
      const range = { start, end: Math.min(start + RANGE_BYTES, sizeBytes) };
      hash.update(await bucket.readArtifact(ref, { range, digest, signal: run.signal }));
      onBytes(range.end);
    }
  } catch (error) {
    if (!(error instanceof ArtifactError) || !isAboutTheArtifact(error.code)) throw error;
    return problem(error.code, error.message);
  }
  const found = `sha256:${hash.digest('hex')}`;
  if (found === digest) return undefined;
  const message = `${bucketId}/${artifactId} ${version} is damaged: its bytes have the digest ${found}, and the registry says ${digest}. \`bucket-server fsck\` tells whether they are so in Bucket.`;
  return { ...problem('digest_mismatch', message), found };
}

function isAboutTheArtifact(code: string): boolean {
  const status = exitStatusOf(code);
  return status === EXIT.notVerified || status === EXIT.notFound || code === 'range_not_satisfiable';
}
