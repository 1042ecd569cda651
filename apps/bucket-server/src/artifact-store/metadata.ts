import type { ArtifactMetadata } from '@bhiv/contracts';
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

/** Throws ObjectStoreError `damaged` for what is not the content of a ref. */
export function decodeMetadata(key: string, bytes: Uint8Array): ArtifactMetadata {
  const value = parse(bytes);
  if (isMetadata(value)) return value;
  const message = `${key} is not what Bucket has stored there: run bucket-server fsck, and bring the file back from a copy.`;
  throw new ObjectStoreError('damaged', message, 'unreadable metadata');
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
