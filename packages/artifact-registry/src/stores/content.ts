import { sameJson } from './metadata-terms.ts';
import type { ContentField, Registration, VersionRef } from './registry-store.ts';

/** The fields in which two registrations of one (logical id, version) differ; empty where the content is the same. */
export function differingFields(one: Registration, other: Registration): ContentField[] {
  const plain = (['bucketId', 'artifactId', 'digest', 'sizeBytes', 'kind'] as const).filter(
    (field) => one[field] !== other[field],
  );
  const differing: ContentField[] = [...plain];
  if (!sameJson(one.metadata, other.metadata)) differing.push('metadata');
  if (parentsText(one.parents) !== parentsText(other.parents)) differing.push('parents');
  return differing;
}

/** The order of parents says nothing. */
function parentsText(parents: readonly VersionRef[]): string {
  return JSON.stringify(parents.map(({ logicalId, version }) => [logicalId, version].join('@')).sort());
}
