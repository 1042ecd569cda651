/**
 * Something that fsck has found.
 * - `damaged_blob`: the bytes that an artifact has, or may have, are not those of the digest, or cannot be read.
 * - `missing_blob`, `wrong_size`, `damaged_artifact`: an artifact whose bytes are gone, shorter or longer, or damaged.
 * - `bad_ref`: the metadata of an artifact cannot be read, or is not that of its path.
 * - `orphan`: a blob that no artifact has; harmless, also where it is damaged. `removed_orphan`: one that was removed.
 * - `foreign_file`: something that Bucket has not put there; harmless.
 */
export type FindingKind =
  | 'damaged_blob'
  | 'missing_blob'
  | 'wrong_size'
  | 'damaged_artifact'
  | 'bad_ref'
  | 'orphan'
  | 'removed_orphan'
  | 'foreign_file';

export type Finding = {
  readonly kind: FindingKind;
  /** Within the data folder. */
  readonly path: string;
  /** What is wrong and what to do, for a person. */
  readonly message: string;
  /** Of a blob, in bytes. */
  readonly size?: number;
};

/** Those that mean that an artifact is lost until somebody brings its bytes back. */
export const DAMAGE: readonly FindingKind[] = [
  'damaged_blob',
  'missing_blob',
  'wrong_size',
  'damaged_artifact',
  'bad_ref',
];
