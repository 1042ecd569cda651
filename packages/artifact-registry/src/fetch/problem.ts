import type { Damage } from './damage.ts';

/** Something in Bucket that is not as a manifest says. */
export interface Problem extends Partial<Omit<Damage, 'paths'>> {
  /** `digest_mismatch`, or what Bucket answered, such as `artifact_not_found` and `artifact_corrupt`. */
  readonly code: string;
  readonly message: string;
  /** The files that cannot be fetched because of it. */
  readonly paths: readonly string[];
}

/** Answers of Bucket that tell of the pack, not of the way to it. */
const ABOUT_THE_PACK: ReadonlySet<string> = new Set([
  'artifact_not_found',
  'artifact_corrupt',
  'digest_precondition_failed',
  'range_not_satisfiable',
  'size_mismatch',
]);

export function isAboutThePack(code: string | undefined): code is string {
  return code !== undefined && ABOUT_THE_PACK.has(code);
}
