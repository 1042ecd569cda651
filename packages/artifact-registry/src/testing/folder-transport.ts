import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
import { FolderTransportError } from './folder-transport-error.ts';

export { FolderTransportError };

/**
 * A Bucket in a folder, for tests: it keeps artifacts as Bucket does, immutable and verified when they come, counts what
 * goes over the way to it, and fails where it is told to. Bytes belong to their digest and not to a version, so those
 * that were damaged are healed for all versions when the right ones come under a new one; a version that is there is
 * refused before a byte of it is read.
 *
 *     <folder>/blobs/<64 hex>                                 bytes, of all versions with that digest
 *     <folder>/refs/<bucket_id>/<artifact_id>/<version>.json  what headArtifact gives; a version exists when this does
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

  /** The file with the bytes of a version that is there. */
  pathOf(ref: ArtifactAddress): string {
    return this.#blobPath(parseStored(readFileSync(this.refPathOf(ref), 'utf8')).digest);
  }

  /** The file that makes a version exist. */
  refPathOf({ bucketId, artifactId, version }: ArtifactAddress): string {
    return join(this.#folder, 'refs', bucketId, artifactId, `${version}.json`);
  }

  uploadArtifact(
    upload: TransportUpload,
    source: Uint8Array | AsyncIterable<Uint8Array>,
    { signal, onProgress }: TransportUploadOptions = {},
  ): Promise<{ alreadyStored: boolean }> {
    return this.#counted('puts', signal, async () => {
      const stored = await this.#stored(upload);
      if (stored !== null) return conflict(upload, stored);
      const temporary = join(this.#folder, `.tmp-${randomUUID()}`);
      await mkdir(this.#folder, { recursive: true });
      try {
        await this.#receive(upload, source, temporary, { signal, onProgress });
        return await this.#publish(upload, temporary);
      } finally {
        await rm(temporary, { force: true });
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
      const bytes = await this.#bytes(stored, start, end, into);
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
      const folder = dirname(this.refPathOf({ bucketId, artifactId, version: '' }));
      const names = await readdir(folder).catch(noneWhereAbsent);
      const found = names.map(async (name) => {
        const version = name.slice(0, -'.json'.length);
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
  ): Promise<void> {
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
  }

  #broken(): FolderTransportError {
    return new FolderTransportError(this.failureCode, 'the connection broke');
  }

  /** The bytes first, over whatever is there of them; then the version, where nobody else has it. */
  async #publish(upload: TransportUpload, received: string): Promise<{ alreadyStored: boolean }> {
    const { digest, size } = upload;
    const stored: StoredArtifact = { digest, size_bytes: size, created_at: new Date().toISOString() };
    const [blob, ref, temporary] = [this.#blobPath(digest), this.refPathOf(upload), `${received}.json`];
    await mkdir(dirname(blob), { recursive: true });
    await mkdir(dirname(ref), { recursive: true });
    await rename(received, blob);
    await writeFile(temporary, JSON.stringify(stored));
    try {
      await link(temporary, ref);
      return { alreadyStored: false };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      return conflict(upload, await this.#stored(upload));
    } finally {
      await rm(temporary);
    }
  }

  async #stored(ref: ArtifactAddress): Promise<StoredArtifact | null> {
    try {
      return parseStored(await readFile(this.refPathOf(ref), 'utf8'));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  }

  #blobPath(digest: string): string {
    return join(this.#folder, 'blobs', digest.slice('sha256:'.length));
  }

  async #bytes(
    { digest, size_bytes: size }: StoredArtifact,
    start: number,
    end: number,
    into: Uint8Array | undefined,
  ): Promise<Uint8Array> {
    const length = end - start;
    const bytes = into !== undefined && into.byteLength >= length ? into : Buffer.allocUnsafeSlow(length);
    const file = await open(this.#blobPath(digest), 'r').catch((error: unknown) => {
      throw codeOf(error) === 'ENOENT' ? corrupt('they are missing') : error;
    });
    try {
      const { size: found } = await file.stat();
      if (found !== size) throw corrupt(`they are ${found} and must be ${size}`);
      const { bytesRead } = await file.read(bytes, 0, length, start);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }
}

/** What Bucket answers to a version that is there (CONTRACT B1). */
function conflict(
  { version, digest }: TransportUpload,
  stored: StoredArtifact | null,
): { alreadyStored: true } {
  if (stored?.digest === digest) return { alreadyStored: true };
  throw new FolderTransportError('version_exists', `${version} is stored, with other bytes`);
}

function corrupt(what: string): FolderTransportError {
  return new FolderTransportError('artifact_corrupt', `the stored bytes are damaged: ${what}`);
}

function parseStored(text: string): StoredArtifact {
  return JSON.parse(text) as StoredArtifact; // written by #publish
}

function noneWhereAbsent(error: unknown): string[] {
  if (codeOf(error) === 'ENOENT') return [];
  throw error;
}
