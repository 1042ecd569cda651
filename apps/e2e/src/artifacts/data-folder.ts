import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactName } from './names.ts';

/** What lies in the folder of an artifact store, read from the disk itself, beside Bucket. Paths are full ones. */
export interface StoredFiles {
  readonly temps: readonly string[];
  readonly blobs: readonly string[];
  readonly refs: readonly string[];
  /** Whatever belongs to none of these. */
  readonly others: readonly string[];
}

/** The files of the artifact store in a data folder. */
export async function storedFiles(dataDir: string): Promise<StoredFiles> {
  const root = artifactFolder(dataDir);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const within = (name: string) => files.filter((path) => path.startsWith(join(root, name, '/')));
  const [temps, blobs, refs] = [within('tmp'), within('blobs'), within('refs')];
  const known = new Set([...temps, ...blobs, ...refs]);
  return { temps, blobs, refs, others: files.filter((path) => !known.has(path)) };
}

/** Where the artifact store keeps its files within a data folder. */
export function artifactFolder(dataDir: string): string {
  return join(dataDir, 'artifacts');
}

/** The file that holds the bytes of a digest (DESIGN "Seams", the layout). */
export function blobPath(dataDir: string, digest: string): string {
  const hex = digest.slice('sha256:'.length);
  return join(artifactFolder(dataDir), 'blobs', 'sha256', hex.slice(0, 2), hex);
}

/** The file that holds the metadata of a version. */
export function refPath(dataDir: string, { bucketId, artifactId, version }: ArtifactName): string {
  return join(artifactFolder(dataDir), 'refs', bucketId, artifactId, `${version}.json`);
}
