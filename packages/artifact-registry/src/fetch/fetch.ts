import { runInThread } from '../thread/run-in-thread.ts';
import { hostOver } from '../thread/transport-host.ts';
import type { FetchedTree, FetchJob, FetchProgress } from './fetch-tree.ts';
import { hostOptionsOf, jobOf, type ManifestRef, type ReadingOptions } from './manifest-call.ts';
import { readManifestBytes } from './read-manifest.ts';
import type { VerifyProgress } from './verification.ts';
import type { VerifiedTree } from './verify-tree.ts';

export interface FetchOptions extends ReadingOptions<FetchProgress> {}

export interface VerifyOptions extends ReadingOptions<VerifyProgress> {}

/**
 * Fetches all files of a manifest into a folder (docs/manifest.md), or of a list of shards by another tool. Every chunk
 * and every file as a whole is verified; a file gets its name when it is whole and verified, never before. Files that
 * are there already and right are kept, and a fetch that was cut off, or killed, goes on where it ended. Other files in
 * the folder are left alone. Nothing outside of it is touched, whatever the manifest says.
 *
 * Rejects with a RegistryError for a name that breaks its rule, with a TransferError, or with what the transport
 * rejected with.
 */
export async function fetch(options: FetchOptions, target: string): Promise<FetchedTree> {
  const job: FetchJob = { ...jobOf(options), target };
  return runInThread('fetch', job, hostOver<FetchProgress>(hostOptionsOf(options)), options);
}

/**
 * Reads all packs of a manifest, and tells everything in them that is not as it should be. Writes nothing: `heal` mends
 * what it finds. Rejects like `fetch`, but not for damaged or missing packs: those are in `problems`.
 */
export async function verify(options: VerifyOptions): Promise<VerifiedTree> {
  return runInThread('verify', jobOf(options), hostOver<VerifyProgress>(hostOptionsOf(options)), options);
}

/** A manifest as it is stored, for `earlier` of `publish`. Rejects like `fetch`. */
export async function readManifest(
  options: ManifestRef & { readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { place, digest } = jobOf(options);
  return (await readManifestBytes(hostOver(hostOptionsOf(options)), place, digest)).bytes;
}
