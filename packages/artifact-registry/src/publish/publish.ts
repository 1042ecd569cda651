import { createHash } from 'node:crypto';
import { Pace } from '../pace.ts';
import { actorOf, artifactNameOf, countOf, logicalIdOf, versionOf } from '../registry/names.ts';
import { runInThread, type ThreadOptions } from '../thread/run-in-thread.ts';
import { hostOver } from '../thread/transport-host.ts';
import type { ArtifactTransport } from '../transport.ts';
import type { PublishedTree, PublishJob, ScanProgress } from './publish-tree.ts';

export interface PublishProgress extends ScanProgress {
  /** That have left for Bucket. */
  readonly bytesSent: number;
}

export interface PublishOptions extends ThreadOptions {
  readonly transport: ArtifactTransport;
  /** A folder, with all that is in it, or a file. */
  readonly source: string;
  /** What the files are a version of: the manifest's artifact_id. */
  readonly logicalId: string;
  readonly version: string;
  readonly bucketId: string;
  readonly uploadedBy: string;
  readonly provenanceSource: string;
  /**
   * The manifests of earlier versions in the same bucket, as they are stored, or a function that gets them: what their
   * packs have is not sent again. Of two that have the same bytes the first is used, so the newest comes first. What
   * is no manifest of ours is passed over.
   * @default none
   */
  readonly earlier?: readonly Uint8Array[] | (() => Promise<readonly Uint8Array[]>) | undefined;
  /**
   * Called once the manifest is stored: the place for the row in a registry. What it throws, `publish` rejects with.
   */
  readonly register?: ((published: Published) => Promise<void>) | undefined;
  /**
   * Reads back every pack that the version needs and that is not sent now, because an earlier version or an upload that
   * was cut off has sent it, before the manifest is stored; and heals the damaged ones with the bytes at hand, like
   * `heal`. Where that cannot be done, the error is `packs_damaged` and no manifest is stored. HEAD, which is all that is
   * asked otherwise, tells that Bucket has taken a pack once, not that its disk still gives it.
   * @default false
   */
  readonly verifyPacks?: boolean | undefined;
  /**
   * How many packs are uploaded at a time, 1 to 16.
   * @default 3
   */
  readonly concurrency?: number | undefined;
  /** Told some twenty times a second at the most, and at the end. It must not throw. */
  readonly onProgress?: ((progress: PublishProgress) => void) | undefined;
}

/** Where the manifest is, and what it took. Sizes are in bytes. */
export interface Published extends PublishedTree {
  readonly bucketId: string;
  readonly artifactId: string;
  readonly version: string;
}

/**
 * Publishes a folder or a file as a version (docs/manifest.md): cut into chunks, of which only those are sent that no
 * earlier version has, in packs of up to 32 MiB; then the manifest; then `register`. An upload that was cut off, or
 * killed, goes on where it ended when it is called again. Nothing is copied on disk, memory does not grow with the size,
 * and the work is done in a thread of its own.
 *
 * Rejects with a RegistryError for a name that breaks its rule, with a TransferError, or with what the transport or
 * `register` rejected with. A file that changes meanwhile is the error `source_changed`.
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const { transport, signal, onProgress, earlier = [], register } = options;
  const bucketId = artifactNameOf('bucketId', options.bucketId);
  const artifactId = logicalIdOf('logicalId', options.logicalId);
  const version = versionOf('version', options.version);
  const actors = {
    uploadedBy: actorOf('uploadedBy', options.uploadedBy),
    provenanceSource: actorOf('provenanceSource', options.provenanceSource),
  };
  const concurrency = countOf('concurrency', options.concurrency ?? 3, { from: 1, to: 16 });
  const job: PublishJob = {
    source: options.source,
    place: { artifactId, version },
    packArtifactId: packArtifactId(artifactId),
    earlier: typeof earlier === 'function' ? await earlier() : earlier,
    concurrency,
    verifyPacks: options.verifyPacks === true,
  };
  const progress = new Progress(onProgress);
  const host = hostOver<ScanProgress>({
    ...{ transport, bucketId, actors, signal },
    onProgress: (scan) => progress.scanned(scan),
    onSent: (digest, bytes) => progress.sent(digest, bytes),
  });
  const tree = await runInThread<PublishedTree, ScanProgress>('publish', job, host, options);
  progress.end();
  const published = { bucketId, artifactId, version, ...tree };
  await register?.(published);
  return published;
}

/**
 * The artifact_id of the packs of a logical id: the same with `.packs` behind it, so that they do not stand among the
 * versions of the manifest. One that would be too long is cut, and told apart by a digest.
 */
export function packArtifactId(logicalId: string): string {
  if (logicalId.length <= 249) return `${logicalId}.packs`;
  const digest = createHash('sha256').update(logicalId).digest('hex');
  return `${logicalId.slice(0, 184)}-${digest}.packs`;
}

/** Puts together what the scan and the uploads tell. */
class Progress {
  readonly #pace: Pace;
  readonly #sent = new Map<string, number>();
  #scan: ScanProgress = { bytesTotal: 0, bytesScanned: 0, bytesReused: 0, bytesVerified: 0 };
  #bytesSent = 0;

  constructor(tell: ((progress: PublishProgress) => void) | undefined) {
    this.#pace = new Pace(() => tell?.({ ...this.#scan, bytesSent: this.#bytesSent }));
  }

  scanned(scan: ScanProgress): void {
    this.#scan = scan;
    this.#pace.mayTell();
  }

  /** So many bytes of an upload so far; it may start over. */
  sent(digest: string, bytes: number): void {
    this.#bytesSent += bytes - (this.#sent.get(digest) ?? 0);
    this.#sent.set(digest, bytes);
    this.#pace.mayTell();
  }

  end(): void {
    this.#pace.tell();
  }
}
