// Generated from schemas/manifest-v1/*.json by `npm run generate`: do not edit.

/**
 * A path below the folder that is published, or that is fetched into: names with / between them, none of them empty, . or .., without a backslash, control characters and halves of surrogate pairs. Kept as it is: no Unicode normalisation, no change of case. Source: CONTRACT B5.
 */
export type ManifestPath = string;

/**
 * A shard of a list that any tool may have written: an artifact in the bucket of the list that is one file. Source: CONTRACT B5.
 */
export interface ListedShard {
  name: ManifestPath;
  /**
   * Of the bytes of the shard; hex in either case.
   */
  digest: string;
  /**
   * The artifact_id of the shard, where it is not its name.
   */
  artifact_id?: string;
  /**
   * The version of the shard, where it is not that of the list.
   */
  version?: string;
  /**
   * How many bytes the shard has.
   */
  size_bytes?: number;
  [k: string]: unknown;
}
/**
 * A published tree of files, as it is stored as an artifact after its packs. It stands on its own: what is fetched needs nothing else than its packs. Source: CONTRACT B5.
 */
export interface Manifest {
  /**
   * The version of this format.
   */
  manifest_version: 1;
  /**
   * The packs that the chunks lie in, each once.
   */
  shards: ManifestShard[];
  /**
   * The chunks that the files are made of, each once.
   */
  chunks: ManifestChunk[];
  /**
   * The files, each path once.
   */
  files: ManifestFile[];
  /**
   * The folders that hold nothing; all others follow from the files.
   */
  folders: ManifestPath[];
  [k: string]: unknown;
}
/**
 * A pack: an artifact in the bucket of the manifest that holds the bytes of chunks, one behind the other. Its name and its version are sha256- and the 64 hex digits of its digest. Source: CONTRACT B5.
 */
export interface ManifestShard {
  /**
   * The same as version.
   */
  name: string;
  /**
   * The artifact_id of the pack.
   */
  artifact_id: string;
  /**
   * The version of the pack.
   */
  version: string;
  /**
   * Of the bytes of the pack.
   */
  digest: string;
  /**
   * How many bytes the pack has.
   */
  size_bytes: number;
  [k: string]: unknown;
}
/**
 * Where the bytes of a chunk lie. Source: CONTRACT B5.
 */
export interface ManifestChunk {
  /**
   * Of the bytes of the chunk.
   */
  digest: string;
  /**
   * Which of the shards holds it, counted from 0.
   */
  shard: number;
  /**
   * Where in the shard it starts, in bytes.
   */
  offset: number;
  /**
   * How many bytes it has, at most 32 MiB.
   */
  length: number;
  [k: string]: unknown;
}
/**
 * A file: its chunks, one behind the other, are its bytes. Source: CONTRACT B5.
 */
export interface ManifestFile {
  path: ManifestPath;
  /**
   * How many bytes it has: the sum of the lengths of its chunks.
   */
  size_bytes: number;
  /**
   * Of all its bytes.
   */
  digest: string;
  /**
   * Which chunks it is made of, each counted from 0; none where it is empty.
   */
  chunks: number[];
  /**
   * Whether its owner may execute it. Left out where not.
   */
  executable?: boolean;
  [k: string]: unknown;
}
/**
 * What every tool that keeps to pattern B writes: shards that are files. A manifest is one too, for a tool that knows no chunks. Source: CONTRACT B5.
 */
export interface ShardList {
  /**
   * The shards.
   */
  shards: ListedShard[];
  [k: string]: unknown;
}
