import type { ArtifactNames, ArtifactRef } from '@bhiv/bucket-client';
import { wrongUse } from './cli-error.ts';

/** `bucket/artifact@version`: the names by which Bucket has it. Their rules are for the libraries to check. */
export function parseAddress(text: string): ArtifactRef {
  const [, bucketId, artifactId, version] = /^([^/@]+)\/([^/@]+)@(.+)$/su.exec(text) ?? [];
  if (bucketId !== undefined && artifactId !== undefined && version !== undefined)
    return { bucketId, artifactId, version };
  throw wrongUse(
    `"${text}" does not name a version in Bucket: write bucket/artifact@version, for example prod-models/llama-3-8b@v3.1.0.`,
  );
}

/** `bucket/artifact`. */
export function parseArtifact(text: string): ArtifactNames {
  const [, bucketId, artifactId] = /^([^/@]+)\/([^/@]+)$/su.exec(text) ?? [];
  if (bucketId !== undefined && artifactId !== undefined) return { bucketId, artifactId };
  throw wrongUse(
    `"${text}" does not name an artifact: write bucket/artifact, for example prod-models/llama-3-8b.`,
  );
}

/** Whether this is a name in Bucket; a reference of the registry has no slash. */
export function isAddress(text: string): boolean {
  return text.includes('/');
}

export function addressOf({ bucketId, artifactId, version }: ArtifactRef): string {
  return `${bucketId}/${artifactId}@${version}`;
}
