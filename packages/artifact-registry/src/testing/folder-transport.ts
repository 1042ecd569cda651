import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { codeOf } from '../transfer-error.ts';
import type {
  ArtifactAddress,
  ArtifactTransport,
  StoredArtifact,
  TransportOptions,
  TransportReadOptions,
  TransportUpload,
  TransportUploadOptions,
} from '../transport.ts';

/** What a call of the transport rejects with: the codes are those of the contract and of BucketClient. */
export class FolderTransportError extends Error {
  override readonly name = 'FolderTransportError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * A Bucket in a folder, for tests: it keeps artifacts as Bucket does, immutable and verified, counts what goes over the
 * way to it, and fails where it is told to.
 *
 *     <folder>/<bucket_id>/<artifact_id>/<version>/bytes
 *     <folder>/<bucket_id>/<artifact_id>/<version>/stored.json   what headArtifact gives
 */
export class FolderTransport implements ArtifactTransport {
  /** Calls, and the bytes of bodies either way, those of failed calls included. */
  readonly counts = { puts: 0, gets: 0, heads: 0, lists: 0, bytesUp: 0, bytesDown: 0 };
  /** The most calls that ran at once. */
  mostAtOnce = 0;
  /** What the two failures below are told as. */
  failureCode = 'network';
  /** Uploads fail once so many bytes have gone up in all. */
  failAfterBytesUp = Number.POSITIVE_INFINITY;
  /** Reads fail once so many bytes have come down in all. */
  failAfterBytesDown = Number.POSITIVE_INFINITY;
  /** ms that each call takes at the least. */
  delayMs = 0;
  /** May change what a read gives, as a faulty line does. */
  tamper: (bytes: Uint8Array, ref: ArtifactAddress, start: number) => Uint8Array = (bytes) => bytes;
  readonly #folder: string;
  #running = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the bytes of a version are kept. */
  pathOf({ bucketId, artifactId, version }: ArtifactAddress): string {
    return join(this.#folder, bucketId, artifactId, version, 'bytes');
  }

  uploadArtifact(
    upload: TransportUpload,
    source: Uint8Array | AsyncIterable<Uint8Array>,
    { signal, onProgress }: TransportUploadOptions = {},
  ): Promise<{ alreadyStored: boolean }> {
    return this.#counted('puts', signal, async () => {
      const place = join(this.pathOf(upload), '..');
      const temporary = join(this.#folder, `.tmp-${randomUUID()}`);
      await mkdir(temporary, { recursive: true });
      try {
        const stored = await this.#receive(upload, source, join(temporary, 'bytes'), { signal, onProgress });
        await writeFile(join(temporary, 'stored.json'), JSON.stringify(stored));
        await mkdir(join(place, '..'), { recursive: true });
        return await this.#publish(upload, temporary, place);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    });
  }

  headArtifact(ref: ArtifactAddress, { signal }: TransportOptions = {}): Promise<StoredArtifact | null> {
    return this.#counted('heads', signal, () => this.#stored(ref));
  }

  readArtifact(ref: ArtifactAddress, options: TransportReadOptions = {}): Promise<Uint8Array> {
    const { range, digest, maxBytes = 64 * 1024 * 1024, into, signal } = options;
    return this.#counted('gets', signal, async () => {
      const stored = await this.#stored(ref);
      if (stored === null) throw new FolderTransportError('artifact_not_found', `there is no ${ref.version}`);
      if (digest !== undefined && digest !== stored.digest) {
        throw new FolderTransportError('digest_precondition_failed', `it has the digest ${stored.digest}`);
      }
      const { start, end } = range ?? { start: 0, end: stored.size_bytes };
      if (end > stored.size_bytes)
        throw new FolderTransportError('range_not_satisfiable', `it ends before ${end}`);
      if (end - start > maxBytes)
        throw new FolderTransportError('response_too_large', `it is over ${maxBytes}`);
      const bytes = await this.#bytes(ref, start, end, into);
      this.counts.bytesDown += bytes.byteLength;
      if (this.counts.bytesDown > this.failAfterBytesDown) throw this.#broken();
      signal?.throwIfAborted();
      return this.tamper(bytes, ref, start);
    });
  }

  listVersions(
    bucketId: string,
    artifactId: string,
    { signal }: TransportOptions = {},
  ): Promise<(StoredArtifact & { version: string })[]> {
    return this.#counted('lists', signal, async () => {
      const versions = await readdir(join(this.#folder, bucketId, artifactId)).catch(noneWhereAbsent);
      const found = versions.map(async (version) => {
        const stored = await this.#stored({ bucketId, artifactId, version });
        return stored === null ? [] : [{ version, ...stored }];
      });
      return (await Promise.all(found)).flat();
    });
  }

  async #counted<T>(
    kind: 'puts' | 'gets' | 'heads' | 'lists',
    signal: AbortSignal | undefined,
    call: () => Promise<T>,
  ): Promise<T> {
    this.counts[kind] += 1;
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    try {
      signal?.throwIfAborted();
      if (this.delayMs > 0) await setTimeout(this.delayMs, undefined, signal && { signal });
      return await call();
    } finally {
      this.#running -= 1;
    }
  }

  async #receive(
    { digest, size }: TransportUpload,
    source: Uint8Array | AsyncIterable<Uint8Array>,
    path: string,
    { signal, onProgress }: TransportUploadOptions,
  ): Promise<StoredArtifact> {
    const hash = createHash('sha256');
    let received = 0;
    const file = await open(path, 'wx');
    try {
      for await (const piece of source instanceof Uint8Array ? [source] : source) {
        signal?.throwIfAborted();
        this.counts.bytesUp += piece.byteLength;
        if (this.counts.bytesUp > this.failAfterBytesUp) throw this.#broken();
        received += piece.byteLength;
        hash.update(piece);
        await file.writeFile(piece);
        onProgress?.({ phase: 'sending', bytes: received });
      }
    } finally {
      await file.close();
    }
    const found = `sha256:${hash.digest('hex')}`;
    if (received !== size) throw new FolderTransportError('size_mismatch', `${received} bytes, not ${size}`);
    if (found !== digest) throw new FolderTransportError('digest_mismatch', `${found}, not ${digest}`);
    return { digest, size_bytes: size };
  }

  #broken(): FolderTransportError {
    return new FolderTransportError(this.failureCode, 'the connection broke');
  }

  /** In one step: a folder that is not empty is never replaced. */
  async #publish(
    upload: TransportUpload,
    temporary: string,
    place: string,
  ): Promise<{ alreadyStored: boolean }> {
    try {
      await rename(temporary, place);
      return { alreadyStored: false };
    } catch (error) {
      if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
      const stored = await this.#stored(upload);
      if (stored?.digest === upload.digest) return { alreadyStored: true };
      throw new FolderTransportError('version_exists', `${upload.version} is stored, with other bytes`);
    }
  }

  async #stored({ bucketId, artifactId, version }: ArtifactAddress): Promise<StoredArtifact | null> {
    try {
      const text = await readFile(join(this.#folder, bucketId, artifactId, version, 'stored.json'), 'utf8');
      return JSON.parse(text) as StoredArtifact; // written above
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async #bytes(
    ref: ArtifactAddress,
    start: number,
    end: number,
    into: Uint8Array = Buffer.allocUnsafeSlow(end - start),
  ): Promise<Uint8Array> {
    const file = await open(this.pathOf(ref), 'r');
    try {
      const { bytesRead } = await file.read(into, 0, end - start, start);
      return into.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

function noneWhereAbsent(error: unknown): string[] {
  if (codeOf(error) === 'ENOENT') return [];
  throw error;
}
