import type { Manifest, ManifestFile } from '@bhiv/contracts';
import { TransferError } from '../transfer-error.ts';
import { MAX_MANIFEST_BYTES, packVersion, type Tree } from './tree.ts';

/**
 * The manifest of a tree (docs/manifest.md). Equal trees give equal bytes. Throws TransferError `manifest_too_large`.
 */
export function writeManifest({ packs, chunks, files, folders }: Tree): Uint8Array {
  const manifest: Manifest = {
    manifest_version: 1,
    shards: packs.map(({ artifactId, digest, size = 0 }) => ({
      name: packVersion(digest),
      artifact_id: artifactId,
      version: packVersion(digest),
      digest,
      size_bytes: size,
    })),
    chunks: chunks.map(({ digest = '', pack, offset, length }) => ({ digest, shard: pack, offset, length })),
    files: files.map(
      ({ path, size, digest, chunks, executable }): ManifestFile => ({
        path,
        size_bytes: size,
        digest,
        chunks: [...chunks],
        ...(executable && { executable }),
      }),
    ),
    folders: [...folders],
  };
  const bytes = Buffer.from(JSON.stringify(manifest), 'utf8');
  if (bytes.byteLength <= MAX_MANIFEST_BYTES) return bytes;
  const message = `The manifest has ${bytes.byteLength} bytes and may have ${MAX_MANIFEST_BYTES}: publish the ${files.length} files in several parts, or put the small ones into an archive.`;
  throw new TransferError('manifest_too_large', message, {
    expected: MAX_MANIFEST_BYTES,
    found: bytes.byteLength,
  });
}
