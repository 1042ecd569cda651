import { ArtifactError } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { readOptions } from './options.ts';
import { Receiver } from './receive.ts';
import type { Transfer } from './transfer.ts';
import type { ArtifactRef } from './types.ts';

/** Reads a version into memory, verified, or a range of it, as Bucket gives it (CONTRACT B2). */
export async function readBytes(
  connection: Connection,
  transfer: Transfer,
  ref: ArtifactRef,
  { digest, range, maxBytes, into }: ReturnType<typeof readOptions>,
): Promise<Buffer> {
  if (range !== undefined) assertFits(range.end - range.start, maxBytes);
  let bytes: Buffer = Buffer.alloc(0);
  let filled = 0;
  const receiver = new Receiver(
    connection,
    transfer,
    { ref, digest, range },
    {
      begin(size) {
        assertFits(size, maxBytes);
        bytes =
          into !== undefined && size <= into.byteLength
            ? Buffer.from(into.buffer, into.byteOffset, size)
            : Buffer.allocUnsafeSlow(size);
        filled = 0;
      },
      write(piece) {
        bytes.set(piece, filled);
        filled += piece.byteLength;
      },
    },
  );
  await (range === undefined ? receiver.whole() : receiver.range());
  return bytes;
}

function assertFits(size: number, maxBytes: number): void {
  if (size <= maxBytes) return;
  const message = `${size} bytes are more than maxBytes, which is ${maxBytes}: read a range, download to a file, or raise it.`;
  throw new ArtifactError('response_too_large', message, { expected: maxBytes, found: size });
}
