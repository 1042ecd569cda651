import { artifactNameOf } from '../registry/names.ts';
import type { Registry } from '../registry/registry.ts';
import type { VersionQuery, VersionRecord } from '../registry/versions.ts';

/** An artifact of Bucket, with all its versions. */
export interface ArtifactName {
  readonly bucketId: string;
  readonly artifactId: string;
}

/** All rows for which the conditions hold, a page of them in memory at a time. */
export async function* rowsOf(registry: Registry, conditions: VersionQuery): AsyncGenerator<VersionRecord> {
  let cursor: string | null = null;
  do {
    const page = await registry.search({ ...conditions, limit: 500, cursor });
    yield* page.versions;
    cursor = page.cursor;
  } while (cursor !== null);
}

/** The artifacts that rows name, and the others that are given: each once. Only their names are remembered. */
export async function* knownArtifacts(
  registry: Registry,
  conditions: VersionQuery,
  others: readonly ArtifactName[],
): AsyncGenerator<ArtifactName> {
  const seen = new Set<string>();
  const isNew = ({ bucketId, artifactId }: ArtifactName) => {
    const before = seen.size;
    return seen.add(`${bucketId}/${artifactId}`).size > before;
  };
  for await (const { bucketId, artifactId } of rowsOf(registry, conditions)) {
    if (isNew({ bucketId, artifactId })) yield { bucketId, artifactId };
  }
  for (const [index, other] of others.entries()) {
    const bucketId = artifactNameOf(`artifacts[${index}].bucketId`, other.bucketId);
    const artifactId = artifactNameOf(`artifacts[${index}].artifactId`, other.artifactId);
    if (isNew({ bucketId, artifactId })) yield { bucketId, artifactId };
  }
}
