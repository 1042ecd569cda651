import { parseManifest } from '../manifest/parse-manifest.ts';
import { type Paths, pathsOf } from '../manifest/paths.ts';
import type { Tree } from '../manifest/tree.ts';
import type { Host, Place } from '../thread/host.ts';
import { treeOfList } from './listed-tree.ts';
import { readManifestBytes } from './read-manifest.ts';

/** What is read. Plain data: it crosses to the thread that does the work. */
export interface ManifestJob {
  readonly place: Place;
  /** Of the manifest. */
  readonly digest: string | undefined;
  /** How many ranges are read at a time. */
  readonly concurrency: number;
}

export interface OpenedTree {
  readonly tree: Tree;
  readonly paths: Paths;
  /** Of the manifest. */
  readonly digest: string;
}

/** Reads a manifest, or a list of shards by another tool, and holds it to all rules of docs/manifest.md. */
export async function openTree(job: ManifestJob, host: Host<never>): Promise<OpenedTree> {
  const { bytes, digest } = await readManifestBytes(host, job.place, job.digest);
  const parsed = parseManifest(bytes, job.place);
  if (parsed.kind === 'tree') {
    const { tree } = parsed;
    return { tree, paths: pathsOf(tree.files, tree.folders), digest };
  }
  const paths = pathsOf(parsed.files);
  return { tree: await treeOfList(parsed.files, host, job.concurrency), paths, digest };
}
