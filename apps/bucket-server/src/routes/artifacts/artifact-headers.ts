import type { ArtifactMetadata } from '@bhiv/contracts';
import { encodeOctets } from '../../http/decode-percent.ts';

/** The metadata cannot change, and neither can bytes that have been checked: caches may keep them for good. */
export const KEEP_FOR_GOOD = 'max-age=31536000, immutable';

/** The entity tag of the bytes of an artifact: its digest. */
export function entityTag({ digest }: ArtifactMetadata): string {
  return `"${digest}"`;
}

/** The headers of an artifact that is sent as bytes, whole or in part, and of HEAD (CONTRACT B2). */
export function artifactHeaders(metadata: ArtifactMetadata): Record<string, string> {
  const hex = metadata.digest.slice('sha256:'.length);
  return {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': contentDisposition(metadata.artifact_id),
    'Accept-Ranges': 'bytes',
    ETag: entityTag(metadata),
    // RFC 9530: of the whole artifact, also where a range of it is sent.
    'Repr-Digest': `sha-256=:${Buffer.from(hex, 'hex').toString('base64')}:`,
    'X-Artifact-Version': metadata.version,
    'X-Artifact-Digest': metadata.digest,
    'X-Artifact-Size': String(metadata.size_bytes),
    'X-Uploaded-By': encodeOctets(metadata.uploaded_by),
    'X-Provenance-Source': encodeOctets(metadata.provenance_source),
    'X-Created-At': encodeOctets(metadata.created_at),
  };
}

/** A name of only `A-Z a-z 0-9 - _ .` needs no quoting in either form; one that starts with a dot would be hidden. */
function contentDisposition(artifactId: string): string {
  const name = artifactId.replace(/^\./, '_');
  return `attachment; filename="${name}"; filename*=UTF-8''${name}`;
}
