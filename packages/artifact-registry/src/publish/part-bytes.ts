import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { FilePart } from '../thread/host.ts';
import { codeOf, TransferError } from '../transfer-error.ts';
import { stampOf } from './file-stamp.ts';
import { sourceChanged, sourceFailed } from './source-errors.ts';

/** The event loop of the caller is held for one piece at a time. */
const PIECE_BYTES = 256 * 1024;

/**
 * The bytes of parts of files, one behind the other, straight from the disk. Each piece is its receiver's own. Throws
 * TransferError `source_changed` where a file is not what it was any more, as far as that can be seen: whoever hashes
 * the bytes finds the rest.
 */
export async function* bytesOfParts(parts: readonly FilePart[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    try {
      const file = await open(part.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
      try {
        yield* bytesOf(file, part);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (error instanceof TransferError) throw error;
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ELOOP')
        throw sourceChanged(part.path, 'went away', error);
      throw sourceFailed(part.path, error);
    }
  }
}

async function* bytesOf(
  file: FileHandle,
  { path, offset, length, stamp }: FilePart,
): AsyncGenerator<Uint8Array> {
  if (stampOf(await file.stat({ bigint: true })) !== stamp) throw sourceChanged(path, 'changed');
  for (let done = 0; done < length; ) {
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, length - done));
    const { bytesRead } = await file.read(piece, 0, piece.byteLength, offset + done);
    if (bytesRead === 0) throw sourceChanged(path, 'became shorter');
    done += bytesRead;
    yield piece.subarray(0, bytesRead);
  }
}
