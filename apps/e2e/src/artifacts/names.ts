/** One version of one artifact. */
export interface ArtifactName {
  readonly bucketId: string;
  readonly artifactId: string;
  readonly version: string;
}

/** Where an artifact is, without its version (CONTRACT B1 to B3). */
export function pathOf({ bucketId, artifactId }: Omit<ArtifactName, 'version'>): string {
  return `/v1/${encodeURIComponent(bucketId)}/${encodeURIComponent(artifactId)}`;
}

/** Where a version is read. */
export function versionPathOf(name: ArtifactName): string {
  return `${pathOf(name)}?version=${encodeURIComponent(name.version)}`;
}

/** One string for one version. */
export function keyOf({ bucketId, artifactId, version }: ArtifactName): string {
  return `${bucketId}/${artifactId}/${version}`;
}
