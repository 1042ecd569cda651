import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { readAhead } from '../fetch/read-ahead.ts';
import type { FilePart } from '../thread/host.ts';
import { codeOf, TransferError } from '../transfer-error.ts';
import { stampOf } from './file-stamp.ts';
import { sourceChanged, sourceFailed } from './source-errors.ts';

/** The event loop of the caller is held for one piece at a time. */
const PIECE_BYTES = 256 * 1024;
const BLOCK_BYTES = 4 * 1024 * 1024;

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

/**
 * Reads ahead by one block: a read may have to wait for a thread behind the hashing of chunks, and what is sent should
 * not.
 */
async function* bytesOf(
  file: FileHandle,
  { path, offset, length, stamp }: FilePart,
): AsyncGenerator<Uint8Array> {
  if (stampOf(await file.stat({ bigint: true })) !== stamp) throw sourceChanged(path, 'changed');
  const read = async (done: number): Promise<Buffer> => {
    const block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, length - done));
    for (let filled = 0; filled < block.byteLength; ) {
      const { bytesRead } = await file.read(block, filled, block.byteLength - filled, offset + done + filled);
      if (bytesRead === 0) throw sourceChanged(path, 'became shorter');
      filled += bytesRead;
    }
    return block;
  };
  const starts = Array.from({ length: Math.ceil(length / BLOCK_BYTES) }, (_, index) => index * BLOCK_BYTES);
  for await (const [, block] of readAhead(starts, 1, read)) {
    for (let start = 0; start < block.byteLength; start += PIECE_BYTES) {
      yield block.subarray(start, start + PIECE_BYTES);
    }
  }
}
