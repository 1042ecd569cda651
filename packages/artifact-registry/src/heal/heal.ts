import { hostOptionsOf, jobOf, type ReadingOptions } from '../fetch/manifest-call.ts';
import type { VerifyProgress } from '../fetch/verification.ts';
import { actorOf } from '../registry/names.ts';
import { runInThread } from '../thread/run-in-thread.ts';
import { hostOver } from '../thread/transport-host.ts';
import type { HealedTree, HealJob } from './heal-tree.ts';

export interface HealOptions extends ReadingOptions<VerifyProgress> {
  readonly uploadedBy: string;
  readonly provenanceSource: string;
}

/**
 * Verifies a version like `verify`, and mends its packs in Bucket as far as files at hand have what was damaged: those
 * of the version, in a folder as they were published or fetched, or the one file. A file that has changed since is no
 * harm: only bytes with the right digest are used, and none of a pack but those that Bucket has lost.
 *
 * The mended bytes of a pack are uploaded under a version beside it, `sha256-….healed-1` and so on, for a version never
 * changes; Bucket has them for both then. A pack is in `healed` once it was read back and is right; what is still wrong
 * is in `problems`. Packs of more than 32 MiB, which `publish` does not write, are not healed.
 *
 * Rejects like `verify`.
 */
export async function heal(options: HealOptions, source: string): Promise<HealedTree> {
  const actors = {
    uploadedBy: actorOf('uploadedBy', options.uploadedBy),
    provenanceSource: actorOf('provenanceSource', options.provenanceSource),
  };
  const job: HealJob = { ...jobOf(options), source };
  const host = hostOver<VerifyProgress>({ ...hostOptionsOf(options), actors });
  return runInThread('heal', job, host, options);
}
