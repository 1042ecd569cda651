import type { ArtifactNames, ArtifactRef } from './types.ts';

/** The path of CONTRACT B1 and B2. The names are within their rules, so there is nothing to escape in it. */
export function artifactPath({ bucketId, artifactId }: ArtifactNames): string {
  return `/v1/${bucketId}/${artifactId}`;
}

export function versionPath(
  ref: ArtifactRef,
  query: { digest?: string | undefined; metadata_only?: 'true' },
): string {
  const { digest, metadata_only } = query;
  const parameters = new URLSearchParams({ version: ref.version });
  if (digest !== undefined) parameters.set('digest', digest);
  if (metadata_only !== undefined) parameters.set('metadata_only', metadata_only);
  // a plus sign for a space is a habit of forms, which not every server has
  return `${artifactPath(ref)}?${parameters.toString().replaceAll('+', '%20')}`;
}
