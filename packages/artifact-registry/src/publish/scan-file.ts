import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { CutPiece, FileCutter } from '../chunking/cut-file.ts';
import { Sha256, sha256Aside } from '../sha256.ts';
import { codeOf } from '../transfer-error.ts';
import { stampOf } from './file-stamp.ts';
import type { SourceFile } from './list-source.ts';
import { sourceChanged, sourceFailed } from './source-errors.ts';

export interface ScannedChunk {
  readonly digest: string;
  /** Valid until the next one comes. */
  readonly bytes: Uint8Array;
  /** Where in the file. */
  readonly offset: number;
}

/**
 * Reads a file once: hands over its chunks, one at a time, and gives the digest of the whole. Throws TransferError
 * `source_failed` or `source_changed`, and what `take` throws.
 */
export async function scanFile(
  cutter: FileCutter,
  source: SourceFile,
  take: (chunk: ScannedChunk) => Promise<void>,
): Promise<string> {
  const { path, size, stamp } = source;
  const file = openOf(source);
  try {
    const assertUnchanged = () => {
      if (stampOf(fstatSync(file, { bigint: true })) !== stamp) throw sourceChanged(path, 'changed');
    };
    assertUnchanged();
    const whole = new Sha256();
    let read = 0;
    for (const { offset, bytes, ends } of piecesOf(cutter, file, source)) {
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      const digests = chunks.map(sha256Aside); // on other threads, meanwhile:
      whole.update(bytes);
      read += bytes.byteLength;
      for (const [index, chunk] of chunks.entries()) {
        const digest = (await digests[index]) ?? '';
        await take({ digest, bytes: chunk, offset: offset + chunk.byteOffset - bytes.byteOffset });
      }
    }
    if (read !== size) throw sourceChanged(path, 'became shorter');
    assertUnchanged();
    return whole.digest();
  } finally {
    closeSync(file);
  }
}

function* piecesOf(cutter: FileCutter, file: number, { path, size }: SourceFile): Generator<CutPiece> {
  try {
    yield* cutter.cut(file, size);
  } catch (error) {
    throw sourceFailed(path, error); // nothing else is thrown in there
  }
}

function openOf({ path, location }: SourceFile): number {
  try {
    // What has become a symbolic link or a pipe meanwhile is not followed, and not waited for.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    return openSync(location, flags);
  } catch (error) {
    const went = codeOf(error) === 'ENOENT' || codeOf(error) === 'ELOOP';
    throw went ? sourceChanged(path, 'went away', error) : sourceFailed(path, error);
  }
}
