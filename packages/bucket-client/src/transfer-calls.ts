import type { ArtifactMetadata } from '@bhiv/contracts';
import type {
  ArtifactRef,
  ArtifactSource,
  ArtifactUpload,
  DownloadOptions,
  DownloadResult,
  ReadOptions,
  TransferOptions,
  UploadOptions,
  UploadResult,
  VersionEntry,
} from './artifacts/types.ts';
import type { Settings } from './options.ts';
import { copyOf, Transfers } from './transfers.ts';

/** The artifact calls of the client. Each rejects with an ArtifactError, and nothing is thrown otherwise. */
export abstract class TransferCalls {
  readonly #transfers: Transfers;

  protected constructor(settings: Settings, problem: string | null) {
    this.#transfers = new Transfers(settings, problem);
  }

  /**
   * Uploads an artifact version (CONTRACT B1, B5). The checks come first, the cheap ones before the dear ones. A file
   * or a Buffer is read twice, to find its digest and to send it; nothing of it is stored where it changed meanwhile.
   * `alreadyStored` tells that the same bytes were there under this version: so an upload whose answer got lost may
   * be sent again. Other bytes under it are the error `version_exists`.
   */
  async uploadArtifact(
    upload: ArtifactUpload,
    source: ArtifactSource,
    options?: UploadOptions,
  ): Promise<UploadResult> {
    const given = [copyOf(upload), source, copyOf(options)] as const;
    return this.#transfers.run((artifacts) => artifacts.upload(...given), source);
  }

  /**
   * Downloads a version to a file (CONTRACT B2), which gets its name once it is whole, verified and durable: a failure
   * leaves what was there. A file that is replaced leaves its permissions to the new one, and a symbolic link is
   * followed. A connection that breaks once the answer has begun is taken up again where it broke.
   */
  async downloadArtifact(
    ref: ArtifactRef,
    path: string | URL,
    options?: DownloadOptions,
  ): Promise<DownloadResult> {
    const given = [copyOf(ref), path, copyOf(options)] as const;
    return this.#transfers.run((artifacts) => artifacts.download(...given));
  }

  /**
   * Reads a version into memory, verified; or a range of it, which nobody verifies (CONTRACT B2). The memory is a new
   * Buffer, or the caller's own (`into`). A connection that breaks once the answer has begun is taken up again where it
   * broke.
   */
  async readArtifact(ref: ArtifactRef, options?: ReadOptions): Promise<Buffer> {
    const given = [copyOf(ref), copyOf(options)] as const;
    return this.#transfers.run((artifacts) => artifacts.read(...given));
  }

  /** The metadata of a version, or null where Bucket has no such version (CONTRACT B2). */
  async headArtifact(ref: ArtifactRef, options?: TransferOptions): Promise<ArtifactMetadata | null> {
    const given = [copyOf(ref), copyOf(options)] as const;
    return this.#transfers.run((artifacts) => artifacts.head(...given));
  }

  /** The versions of an artifact, in no order; none where Bucket has no such artifact (CONTRACT B3). */
  async listVersions(
    bucketId: string,
    artifactId: string,
    options?: TransferOptions,
  ): Promise<VersionEntry[]> {
    const given = [bucketId, artifactId, copyOf(options)] as const;
    return this.#transfers.run((artifacts) => artifacts.versions(...given));
  }

  /** Resolves to whether every transfer came to its own end in time; those that did not have been ended. */
  protected closeTransfers(milliseconds: number): Promise<boolean> {
    return this.#transfers.close(milliseconds);
  }

  /** What `onProgress` and `onWarning` threw. */
  protected get transferCallbackErrors(): number {
    return this.#transfers.callbackErrors;
  }
}
