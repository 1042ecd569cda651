import type { Host } from '../thread/host.ts';
import { type ManifestJob, openTree } from './open-tree.ts';
import type { Problem } from './problem.ts';
import { Verification, type VerifyProgress } from './verification.ts';

export interface VerifiedTree extends VerifyProgress {
  /** Of the manifest. */
  readonly digest: string;
  readonly packs: number;
  readonly files: number;
  /** Everything that is wrong; none where every byte is right. */
  readonly problems: readonly Problem[];
}

/** Reads all packs of a manifest and holds them to their digests, and so the chunks and the files as wholes. */
export async function verifyTree(job: ManifestJob, host: Host<VerifyProgress>): Promise<VerifiedTree> {
  const { tree, digest } = await openTree(job, host);
  const verification = new Verification(tree, host);
  await verification.packs(job.concurrency);
  await verification.files();
  const { problems } = verification;
  return { digest, packs: tree.packs.length, files: tree.files.length, problems, ...verification.progress() };
}
