import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { readAhead } from '../read-ahead.ts';
import type { FilePart } from '../thread/host.ts';
import { codeOf, TransferError } from '../transfer-error.ts';
import { stampOf } from './file-stamp.ts';
import { sourceChanged, sourceFailed } from './source-errors.ts';

/** The event loop of the caller is held for one piece at a time. */
const PIECE_BYTES = 256 * 1024;
const BLOCK_BYTES = 4 * 1024 * 1024;
/** So many small files are open at a time, each for a moment. */
const MAX_TOGETHER = 32;

/**
 * The bytes of parts of files, one behind the other, straight from the disk. Each piece is its receiver's own. Throws
 * TransferError `source_changed` where a file is not what it was any more, as far as that can be seen: whoever hashes
 * the bytes finds the rest.
 */
export async function* bytesOfParts(parts: readonly FilePart[]): AsyncGenerator<Uint8Array> {
  for (const group of groupsOf(parts)) {
    const [first] = group;
    if (group.length === 1 && first !== undefined && first.length > PIECE_BYTES) yield* bytesOf(first);
    else
      yield Buffer.concat(
        await Promise.all(group.map((part) => opened(part, (file) => readBlock(file, part)))),
      );
  }
}

/** Large parts alone, small ones together: a piece for each small file would cost more than its bytes. */
function groupsOf(parts: readonly FilePart[]): FilePart[][] {
  const groups: FilePart[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    const group = groups.at(-1);
    bytes += part.length;
    if (group !== undefined && bytes <= PIECE_BYTES && group.length < MAX_TOGETHER) group.push(part);
    else {
      groups.push([part]);
      bytes = part.length;
    }
  }
  return groups;
}

/**
 * Reads ahead by one block: a read may have to wait for a thread behind the hashing of chunks, and what is sent should
 * not.
 */
async function* bytesOf(part: FilePart): AsyncGenerator<Uint8Array> {
  const count = Math.ceil(part.length / BLOCK_BYTES);
  const starts = Array.from({ length: count }, (_, index) => index * BLOCK_BYTES);
  const read = (start: number) => {
    const length = Math.min(BLOCK_BYTES, part.length - start);
    return opened(part, (file) => readBlock(file, { ...part, offset: part.offset + start, length }));
  };
  for await (const [, block] of readAhead(starts, 1, read)) {
    for (let start = 0; start < block.byteLength; start += PIECE_BYTES) {
      yield block.subarray(start, start + PIECE_BYTES);
    }
  }
}

/** Opens a file that is still what it was, for one use. */
async function opened<T>({ path, stamp }: FilePart, use: (file: FileHandle) => Promise<T>): Promise<T> {
  try {
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      if (stampOf(await file.stat({ bigint: true })) !== stamp) throw sourceChanged(path, 'changed');
      return await use(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof TransferError) throw error;
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ELOOP')
      throw sourceChanged(path, 'went away', error);
    throw sourceFailed(path, error);
  }
}

async function readBlock(file: FileHandle, { path, offset, length }: FilePart): Promise<Buffer> {
  const block = Buffer.allocUnsafeSlow(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(block, filled, length - filled, offset + filled);
    if (bytesRead === 0) throw sourceChanged(path, 'became shorter');
    filled += bytesRead;
  }
  return block;
}
