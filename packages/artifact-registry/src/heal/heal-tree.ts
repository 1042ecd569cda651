import { type ManifestJob, openTree } from '../fetch/open-tree.ts';
import { Verification, type VerifyProgress } from '../fetch/verification.ts';
import type { VerifiedTree } from '../fetch/verify-tree.ts';
import type { Host } from '../thread/host.ts';
import { type HealedPack, healPacks } from './heal-packs.ts';

/** What is healed, and with which files. */
export interface HealJob extends ManifestJob {
  readonly source: string;
}

export interface HealedTree extends VerifiedTree {
  /** The packs that were damaged or gone and are right now; `problems` has what is still wrong. */
  readonly healed: readonly HealedPack[];
}

/** Reads all packs of a manifest like `verifyTree`, and heals those that are not right. */
export async function healTree(job: HealJob, host: Host<VerifyProgress>): Promise<HealedTree> {
  const { tree, digest } = await openTree(job, host);
  const verification = new Verification(tree, host);
  await verification.packs(job.concurrency);
  const healed = await healPacks(tree, verification, job.source, host);
  await verification.files();
  const { problems } = verification;
  const counts = { packs: tree.packs.length, files: tree.files.length };
  return { digest, ...counts, healed, problems, ...verification.progress() };
}
