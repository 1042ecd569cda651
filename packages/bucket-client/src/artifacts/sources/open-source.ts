import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { ArtifactError } from '../../errors.ts';
import type { UploadClaim } from '../check-upload.ts';
import { shown } from '../shown.ts';
import type { Transfer } from '../transfer.ts';
import { BytesSource } from './bytes-source.ts';
import { FileSource } from './file-source.ts';
import { invalidSource, type Source } from './source.ts';
import { spool } from './spool.ts';
import { ByteStream, StreamSource } from './stream-source.ts';

export interface OpenOptions {
  readonly spool: boolean | string;
  /** Told how many bytes the spool file has so far. What it throws ends the spooling. */
  readonly spooled: (bytes: number) => void;
}

/** Opens what the caller gave. Throws an ArtifactError; then nothing is left open. */
export async function openSource(
  given: unknown,
  claim: UploadClaim,
  options: OpenOptions,
  transfer: Transfer,
): Promise<Source> {
  if (typeof given === 'string') return FileSource.open(given);
  if (given instanceof URL) return FileSource.open(pathOf(given));
  if (types.isUint8Array(given)) return new BytesSource(given);
  const stream = streamOf(given, transfer);
  if (options.spool !== false) {
    transfer.rest(); // a stream may be slow to come: only the transfer to Bucket has a deadline
    return spool(stream, options.spool, options.spooled);
  }
  const { digest, size } = claim;
  if (digest !== undefined && size !== undefined) return new StreamSource(stream, size, digest);
  stream.cancel();
  const absent =
    digest === undefined && size === undefined
      ? 'digest and size are'
      : digest === undefined
        ? 'digest is'
        : 'size is';
  const message = `the source is a stream, which is read once, and its ${absent} missing: add both, or spool: true to write it to a file first.`;
  throw new ArtifactError('invalid_source', message, {
    details: { field: digest === undefined ? 'digest' : 'size' },
  });
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw invalidSource(shown(url.href), 'a URL must be a file: URL of this machine');
  }
}

function streamOf(given: unknown, transfer: Transfer): ByteStream {
  let stream: ByteStream | undefined;
  try {
    stream = ByteStream.from(given, transfer);
  } catch {
    throw invalidSource('a stream that somebody else reads', 'must be one that nobody reads yet');
  }
  if (stream !== undefined) return stream;
  throw invalidSource(
    shown(given),
    'must be a path, a file: URL, a Buffer or Uint8Array, or a stream of bytes',
  );
}
