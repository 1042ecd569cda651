/** Bytes in Bucket that chunks lie in: an immutable artifact version in the bucket of the manifest. */
export interface Pack {
  readonly artifactId: string;
  readonly version: string;
  /** `sha256:` and 64 hex digits in lower case. */
  readonly digest: string;
  /** In bytes. A list of shards need not say it: then Bucket is asked. */
  readonly size: number | undefined;
}

export interface Chunk {
  /** Undefined for a part of a shard of another tool, which has a digest as a whole alone. */
  readonly digest: string | undefined;
  /** Which pack, counted from 0. */
  readonly pack: number;
  /** Where in the pack, in bytes. */
  readonly offset: number;
  readonly length: number;
}

export interface TreeFile {
  /** Below the root, with `/` between names. */
  readonly path: string;
  readonly size: number;
  readonly digest: string;
  /** Which chunks, each counted from 0: one behind the other they are the file. */
  readonly chunks: readonly number[];
  readonly executable: boolean;
}

/** What a manifest says: files, and where their bytes lie. */
export interface Tree {
  readonly packs: readonly Pack[];
  readonly chunks: readonly Chunk[];
  readonly files: readonly TreeFile[];
  /** The folders that hold nothing. */
  readonly folders: readonly string[];
}

/** A shard of a list by another tool: a pack that is one file. */
export interface ListedFile extends Pack {
  readonly path: string;
}

/** Where a manifest lies, in its bucket. */
export interface ManifestPlace {
  readonly artifactId: string;
  readonly version: string;
}

/** More is not read, and not written. In bytes. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** No pack of ours is larger, no chunk of anybody, and no range that is read at once. In bytes. */
export const PACK_BYTES = 32 * 1024 * 1024;

/** The version of a pack is its full digest: 64 hex digits do not collide (CONTRACT B5, pattern C). */
export function packVersion(digest: string): string {
  return digest.replace(':', '-');
}
