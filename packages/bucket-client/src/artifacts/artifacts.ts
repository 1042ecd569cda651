import type { ArtifactMetadata } from '@bhiv/contracts';
import { ArtifactError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { checkArtifact, checkRef, checkUpload } from './check-upload.ts';
import { Connection } from './connection.ts';
import { download } from './download.ts';
import { fetchMetadata } from './head.ts';
import { listVersions } from './list-versions.ts';
import { namesOf } from './metadata.ts';
import {
  type CommonOptions,
  commonOptions,
  downloadOptions,
  givenOf,
  readOptions,
  uploadOptions,
} from './options.ts';
import { readBytes } from './read-bytes.ts';
import { Transfer } from './transfer.ts';
import type { DownloadResult, UploadResult, VersionEntry } from './types.ts';
import { upload } from './upload.ts';
import { publishWarning, warningsOf } from './warnings.ts';

/**
 * The artifact half of the client, loaded at its first call. Every method checks what it is given before it does
 * anything, and rejects with an ArtifactError.
 */
export class Artifacts {
  readonly #connection: Connection;
  readonly #callbackFailed: () => void;
  readonly #transfers = new Set<Transfer>();

  /** @param callbackFailed counts what the caller's own functions threw */
  constructor(settings: Settings, callbackFailed: () => void) {
    this.#connection = new Connection(settings);
    this.#callbackFailed = callbackFailed;
  }

  async upload(description: unknown, source: unknown, given: unknown): Promise<UploadResult> {
    const claim = checkUpload(description);
    const options = uploadOptions(givenOf(given));
    const warnings = warningsOf(claim);
    const onWarning = this.#guarded(options.onWarning);
    for (const warning of warnings) {
      onWarning(warning);
      publishWarning(warning, claim);
    }
    const tell = this.#guarded(options.onProgress);
    const stored = await this.#run(options, (transfer) =>
      upload(this.#connection, transfer, claim, source, options, tell),
    );
    return { ...stored, warnings };
  }

  async download(ref: unknown, path: unknown, given: unknown): Promise<DownloadResult> {
    const options = downloadOptions(givenOf(given));
    const tell = this.#guarded(options.onProgress);
    const checked = checkRef(ref);
    return this.#run(options, (transfer) =>
      download(this.#connection, transfer, checked, path, options, tell),
    );
  }

  async read(ref: unknown, given: unknown): Promise<Buffer> {
    const options = readOptions(givenOf(given));
    const checked = checkRef(ref);
    return this.#run(options, (transfer) => readBytes(this.#connection, transfer, checked, options));
  }

  async head(ref: unknown, given: unknown): Promise<ArtifactMetadata | null> {
    const options = commonOptions(givenOf(given));
    const checked = checkRef(ref);
    try {
      return await this.#run(options, (transfer) =>
        fetchMetadata(this.#connection, transfer, checked, namesOf(checked)),
      );
    } catch (error) {
      if (error instanceof ArtifactError && error.code === 'artifact_not_found') return null;
      throw error;
    }
  }

  async versions(bucketId: unknown, artifactId: unknown, given: unknown): Promise<VersionEntry[]> {
    const options = commonOptions(givenOf(given));
    const artifact = checkArtifact({ bucketId, artifactId });
    return this.#run(options, (transfer) => listVersions(this.#connection, transfer, artifact));
  }

  /** Ends what is on its way for this reason, and drops the sockets. */
  destroy(reason: ArtifactError): void {
    for (const transfer of this.#transfers) transfer.fail(reason);
    this.#connection.destroy();
  }

  async #run<T>(options: CommonOptions, use: (transfer: Transfer) => Promise<T>): Promise<T> {
    const transfer = new Transfer(options.signal, options.idleTimeoutMs);
    this.#transfers.add(transfer);
    try {
      transfer.throwIfOver();
      return await use(transfer);
    } catch (error) {
      throw transfer.failure ?? error;
    } finally {
      this.#transfers.delete(transfer);
      transfer.end();
    }
  }

  /** The caller's function, which must not disturb a transfer: what it throws is counted. */
  #guarded<T>(listener: ((value: T) => unknown) | undefined): (value: T) => void {
    if (listener === undefined) return () => undefined;
    return (value) => {
      try {
        const answer = listener(value);
        if (answer instanceof Promise) answer.catch(this.#callbackFailed);
      } catch {
        this.#callbackFailed();
      }
    };
  }
}
