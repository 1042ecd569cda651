import { artifactNameOf, countOf, digestOf, versionOf } from '../registry/names.ts';
import { runInThread, type ThreadOptions } from '../thread/run-in-thread.ts';
import { hostOver } from '../thread/transport-host.ts';
import type { ArtifactTransport } from '../transport.ts';
import type { FetchedTree, FetchJob, FetchProgress } from './fetch-tree.ts';
import { readManifestBytes } from './read-manifest.ts';
import type { VerifyProgress } from './verification.ts';
import type { VerifiedTree, VerifyJob } from './verify-tree.ts';

/** Where a manifest lies. */
export interface ManifestRef {
  readonly transport: ArtifactTransport;
  readonly bucketId: string;
  readonly artifactId: string;
  readonly version: string;
  /**
   * What the manifest must have. Everything else is held to the manifest, so this is what makes sure of all of it.
   * @default whichever the stored one has
   */
  readonly digest?: string | undefined;
}

interface CallOptions<Progress> extends ThreadOptions {
  /**
   * How many ranges are read at a time, 1 to 16; each takes up to 32 MiB of memory.
   * @default 3
   */
  readonly concurrency?: number | undefined;
  /** Told some twenty times a second at the most, and at the end. What it throws ends the call. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export interface FetchOptions extends ManifestRef, CallOptions<FetchProgress> {}

export interface VerifyOptions extends ManifestRef, CallOptions<VerifyProgress> {}

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
  const { onProgress } = options;
  const job: FetchJob = { ...jobOf(options), target };
  return runInThread('fetch', job, readerOver<FetchProgress>(options, onProgress), options);
}

/**
 * Reads all packs of a manifest, and tells everything in them that is not as it should be. Writes nothing. Rejects like
 * `fetch`, but not for damaged or missing packs: those are in `problems`.
 */
export async function verify(options: VerifyOptions): Promise<VerifiedTree> {
  const { onProgress } = options;
  const job: VerifyJob = jobOf(options);
  return runInThread('verify', job, readerOver<VerifyProgress>(options, onProgress), options);
}

/** A manifest as it is stored, for `earlier` of `publish`. Rejects like `fetch`. */
export async function readManifest(
  options: ManifestRef & { readonly signal?: AbortSignal | undefined },
): Promise<Uint8Array> {
  const { place, digest } = jobOf(options);
  return (await readManifestBytes(readerOver(options, undefined), place, digest)).bytes;
}

function jobOf(options: ManifestRef & { readonly concurrency?: number | undefined }): VerifyJob {
  const { digest, concurrency = 3 } = options;
  return {
    place: {
      artifactId: artifactNameOf('artifactId', options.artifactId),
      version: versionOf('version', options.version),
    },
    digest: digest === undefined ? undefined : digestOf('digest', digest),
    concurrency: countOf('concurrency', concurrency, { from: 1, to: 16 }),
  };
}

function readerOver<Progress>(
  options: ManifestRef & { readonly signal?: AbortSignal | undefined },
  onProgress: ((progress: Progress) => void) | undefined,
) {
  return hostOver<Progress>({
    transport: options.transport,
    bucketId: artifactNameOf('bucketId', options.bucketId),
    signal: options.signal,
    onProgress: (progress) => onProgress?.(progress),
  });
}
