import type { ArtifactMetadata } from '@bhiv/contracts';
import { badResponse } from './answer.ts';
import { isCount, isStoredDigest } from './rules.ts';
import { shown } from './shown.ts';
import type { ArtifactRef } from './types.ts';

/** What metadata has to say, by field; what is undefined may be anything of its type. */
export type Expected = Partial<Record<keyof ArtifactMetadata, string | number | undefined>>;

const TEXTS = [
  'bucket_id',
  'artifact_id',
  'version',
  'created_at',
  'uploaded_by',
  'provenance_source',
] as const;

export function namesOf(ref: ArtifactRef): Expected {
  return { bucket_id: ref.bucketId, artifact_id: ref.artifactId, version: ref.version };
}

/**
 * An answer as the metadata of CONTRACT B; `bad_response` where it is none, or says something else than expected.
 * Fields that a newer Bucket adds are kept.
 */
export function metadataOf(
  answer: Readonly<Record<string, unknown>>,
  expected: Expected,
  status: number | undefined,
): ArtifactMetadata {
  const good =
    TEXTS.every((field) => typeof answer[field] === 'string' && answer[field] !== '') &&
    isStoredDigest(answer.digest) &&
    isCount(answer.size_bytes);
  if (!good) throw badResponse(`is no metadata but ${shown(JSON.stringify(answer))}`, { status });
  for (const [field, value] of Object.entries(expected)) {
    if (value === undefined || answer[field] === value) continue;
    const found = answer[field] as string | number; // one of the fields that were looked at above
    const what = `says ${field} is ${shown(found)}, and it must be ${shown(value)}`;
    throw badResponse(what, { status, expected: value, found });
  }
  return answer as ArtifactMetadata; // each field of it was looked at
}
