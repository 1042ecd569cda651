import type { VersionRecord } from '@bhiv/artifact-registry';

/** A version as `--json` shows it: in the words of the contract. */
export function documentOf(record: VersionRecord) {
  return {
    logical_id: record.logicalId,
    version: record.version,
    bucket_id: record.bucketId,
    artifact_id: record.artifactId,
    digest: record.digest,
    size_bytes: record.sizeBytes,
    kind: record.kind,
    is_latest: record.isLatest,
    tags: record.tags,
    metadata: record.metadata,
    parents: record.parents.map(({ logicalId, version }) => ({ logical_id: logicalId, version })),
    created_at: record.createdAt,
    registered_at: record.registeredAt,
    registered_by: record.registeredBy,
  };
}
