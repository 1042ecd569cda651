import { bytesOfParts } from '../publish/part-bytes.ts';
import { sourceChanged } from '../publish/source-errors.ts';
import { codeOf } from '../transfer-error.ts';
import type { ArtifactTransport, TransportUpload } from '../transport.ts';
import { withAttempts } from './attempts.ts';
import type { FilePart, Host, ReadRequest, Upload } from './host.ts';
import { ReadBuffers } from './read-buffers.ts';

export interface HostOptions<Progress> {
  readonly transport: ArtifactTransport;
  readonly bucketId: string;
  /** Who uploads and why; undefined for a job that uploads nothing. */
  readonly actors?: { readonly uploadedBy: string; readonly provenanceSource: string } | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (progress: Progress) => void;
  /** Told how many bytes of an upload have been sent so far. */
  readonly onSent?: ((digest: string, bytes: number) => void) | undefined;
}

/** The host of a job, on the thread of the caller. */
export function hostOver<Progress>(options: HostOptions<Progress>): Host<Progress> {
  const { transport, bucketId, signal } = options;
  const buffers = new ReadBuffers();
  return {
    head: (place) =>
      withAttempts(() => transport.headArtifact({ bucketId, ...place }, { signal }), signal).then(
        (stored) => stored && { digest: stored.digest, size_bytes: stored.size_bytes },
      ),
    read: ({ artifactId, version, ...read }: ReadRequest) => {
      const call = (into?: Uint8Array) => () =>
        transport.readArtifact({ bucketId, artifactId, version }, { ...read, into, signal });
      if (read.range === undefined) return withAttempts(call(), signal).then(ownBytes);
      const length = read.range.end - read.range.start;
      return buffers.lend(length, (into) => withAttempts(call(into), signal)).then(ownBytes);
    },
    release: (bytes) => buffers.release(bytes),
    upload: ({ source, ...upload }) => withAttempts(() => send(options, upload, source), signal),
    progress: options.onProgress,
  };
}

async function send<Progress>(
  { transport, bucketId, actors, signal, onSent }: HostOptions<Progress>,
  { artifactId, version, digest, size }: Omit<Upload, 'source'>,
  source: Upload['source'],
): Promise<{ alreadyStored: boolean }> {
  const { uploadedBy = '', provenanceSource = '' } = actors ?? {};
  const upload: TransportUpload = {
    ...{ bucketId, artifactId, version, digest, size },
    ...{ uploadedBy, provenanceSource },
  };
  const reader = new Reader(source);
  const onProgress = ({ phase, bytes }: { phase: string; bytes: number }) => {
    if (phase === 'sending') onSent?.(digest, bytes);
  };
  try {
    const { alreadyStored } = await transport.uploadArtifact(upload, reader.bytes, { signal, onProgress });
    onSent?.(digest, alreadyStored ? 0 : size);
    return { alreadyStored };
  } catch (error) {
    throw reader.failure ?? reader.changed(error) ?? error;
  }
}

/** The bytes of an upload, and what became of them: a transport tells it in words of its own. */
class Reader {
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  failure: unknown;
  readonly #parts: readonly FilePart[];

  constructor(source: Upload['source']) {
    this.#parts = source instanceof Uint8Array ? [] : source;
    this.bytes = source instanceof Uint8Array ? source : this.#read();
  }

  /** Bytes that turn out to be others than those that were hashed have changed in between. */
  changed(error: unknown): unknown {
    const [first] = this.#parts;
    const code = codeOf(error);
    if (first === undefined || (code !== 'digest_mismatch' && code !== 'size_mismatch')) return undefined;
    const others = this.#parts.some(({ path }) => path !== first.path);
    return sourceChanged(first.path, others ? 'or a file behind it changed' : 'changed', error);
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    try {
      yield* bytesOfParts(this.#parts);
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}

/** Bytes that can be handed to another thread: in shared memory, or in a buffer of their own. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  const { buffer } = bytes;
  const isOwn = buffer instanceof SharedArrayBuffer || buffer.byteLength === bytes.byteLength;
  // Another class, such as Buffer, would not survive the way.
  return isOwn ? new Uint8Array(buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
}
