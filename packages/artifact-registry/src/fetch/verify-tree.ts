import { parseManifest } from '../manifest/parse-manifest.ts';
import { pathsOf } from '../manifest/paths.ts';
import type { Host, Place } from '../thread/host.ts';
import { treeOfList } from './listed-tree.ts';
import { readManifestBytes } from './read-manifest.ts';
import { type Problem, Verification, type VerifyProgress } from './verification.ts';

/** What is verified. Plain data: it crosses to the thread that does the work. */
export interface VerifyJob {
  readonly place: Place;
  /** Of the manifest. */
  readonly digest: string | undefined;
  /** How many ranges are read at a time. */
  readonly concurrency: number;
}

export interface VerifiedTree extends VerifyProgress {
  /** Of the manifest. */
  readonly digest: string;
  readonly packs: number;
  readonly files: number;
  /** Everything that is wrong; none where every byte is right. */
  readonly problems: readonly Problem[];
}

/** Reads all packs of a manifest and holds them to their digests, and so the chunks and the files as wholes. */
export async function verifyTree(job: VerifyJob, host: Host<VerifyProgress>): Promise<VerifiedTree> {
  const { bytes, digest } = await readManifestBytes(host, job.place, job.digest);
  const parsed = parseManifest(bytes, job.place);
  if (parsed.kind === 'tree') pathsOf(parsed.tree.files, parsed.tree.folders);
  else pathsOf(parsed.files);
  const tree = parsed.kind === 'tree' ? parsed.tree : await treeOfList(parsed.files, host, job.concurrency);
  const verification = new Verification(tree, host);
  await verification.packs(job.concurrency);
  await verification.files();
  const { problems } = verification;
  return { digest, packs: tree.packs.length, files: tree.files.length, problems, ...verification.progress() };
}
