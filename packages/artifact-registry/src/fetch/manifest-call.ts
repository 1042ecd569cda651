import { artifactNameOf, countOf, digestOf, versionOf } from '../registry/names.ts';
import type { ThreadOptions } from '../thread/run-in-thread.ts';
import type { HostOptions } from '../thread/transport-host.ts';
import type { ArtifactTransport } from '../transport.ts';
import type { ManifestJob } from './open-tree.ts';

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

/** What the calls that read the packs of a manifest have in common. */
export interface ReadingOptions<Progress> extends ManifestRef, ThreadOptions {
  /**
   * How many ranges are read at a time, 1 to 16; each takes up to 32 MiB of memory.
   * @default 3
   */
  readonly concurrency?: number | undefined;
  /** Told some twenty times a second at the most, and at the end. What it throws ends the call. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Throws RegistryError for a name that breaks its rule. */
export function jobOf(
  options: Omit<ManifestRef, 'transport'> & { readonly concurrency?: number | undefined },
): ManifestJob {
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

/** What a host needs that reads. Throws RegistryError for a name that breaks its rule. */
export function hostOptionsOf<Progress>(
  options: ManifestRef & Pick<ReadingOptions<Progress>, 'signal' | 'onProgress'>,
): HostOptions<Progress> {
  const { transport, signal, onProgress } = options;
  return {
    transport,
    bucketId: artifactNameOf('bucketId', options.bucketId),
    signal,
    onProgress: (progress) => onProgress?.(progress),
  };
}
