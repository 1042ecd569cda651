import { ArtifactError, type ArtifactRef } from '@bhiv/bucket-client';
import { CliError } from './cli-error.ts';
import type { Run } from './run.ts';

const SHOWN = 5;

/**
 * Makes a call, and where Bucket has no such version says which it has: versions are listed, not guessed (CONTRACT B5).
 */
export async function withAdvice<T>(run: Run, ref: ArtifactRef, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ArtifactError && error.code === 'artifact_not_found')
      throw await unknownVersion(run, ref);
    throw error;
  }
}

/** The error that Bucket has no such version, with what it has instead. */
export async function unknownVersion(run: Run, ref: ArtifactRef): Promise<CliError> {
  const { bucketId, artifactId, version } = ref;
  const name = `${bucketId}/${artifactId}`;
  const entries = await (await run.bucket()).listVersions(bucketId, artifactId, { signal: run.signal });
  if (entries.length === 0) {
    const message = `Bucket has no artifact ${name}: look at the names.`;
    return new CliError('artifact_not_found', message, { details: { bucketId, artifactId, version } });
  }
  const newest = [...entries].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)).slice(0, SHOWN);
  const names = newest.map(({ version }) => `"${version}"`).join(', ');
  const more = entries.length > SHOWN ? `, and ${entries.length - SHOWN} more` : '';
  const hint = /^(?:latest|newest|current)$/i.test(version)
    ? `Bucket knows no "${version}": the registry does, see bhiv fetch --help.`
    : `bhiv versions ${name} lists them.`;
  return new CliError('artifact_not_found', `${name} has no version "${version}": it has ${names}${more}.`, {
    ...{ found: version, hint },
    details: { bucketId, artifactId, version },
  });
}
