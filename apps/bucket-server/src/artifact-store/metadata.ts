import type { ArtifactMetadata } from '@bhiv/contracts';
import { describeKey, refKey } from './keys.ts';
import { ObjectStoreError } from './object-store.ts';

/** The content of a ref. */
export function encodeMetadata(metadata: ArtifactMetadata): Uint8Array {
  return Buffer.from(JSON.stringify(metadata));
}

const TEXTS = [
  'bucket_id',
  'artifact_id',
  'version',
  'digest',
  'created_at',
  'uploaded_by',
  'provenance_source',
] as const;

/** Throws ObjectStoreError `damaged` for what is not the content of the ref with this key; `reason` says how. */
export function decodeMetadata(key: string, bytes: Uint8Array): ArtifactMetadata {
  const value = parse(bytes);
  if (!isMetadata(value)) throw damaged(key, 'unreadable metadata');
  const { bucket_id: bucketId, artifact_id: artifactId, version } = value;
  if (refKey({ bucketId, artifactId, version }) !== key) throw damaged(key, 'metadata of another artifact');
  return value;
}

function damaged(key: string, reason: string): ObjectStoreError {
  const message = `The metadata of ${describeKey(key)} is damaged (${reason}): run bucket-server fsck, and bring the file ${key} back from a copy.`;
  return new ObjectStoreError('damaged', message, reason);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return undefined; // not JSON: damaged like anything else that is not metadata
  }
}

function isMetadata(value: unknown): value is ArtifactMetadata {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { digest, size_bytes } = fields;
  if (TEXTS.some((name) => typeof fields[name] !== 'string')) return false;
  return /^sha256:[0-9a-f]{64}$/.test(String(digest)) && Number.isSafeInteger(size_bytes);
}
