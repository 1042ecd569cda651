import { closeSync, fstatSync, openSync } from 'node:fs';
import { sha256Aside } from '../sha256.ts';
import { type CutOptions, FileCutter } from './cut-file.ts';
import { CHUNKING, type ChunkingParameters } from './parameters.ts';

/** A part of a file. */
export interface FileChunk {
  /** Where in the file it starts, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** `sha256:` and 64 hex digits of its bytes. */
  readonly digest: string;
}

/**
 * The chunks of a file as `publish` would cut it, or as other parameters would: to find out what a second version would
 * cost. Throws the system's error where the file cannot be read, TransferError `invalid_argument` for parameters that
 * cannot be. It takes the event loop for some 10 ms at a time.
 */
export async function* chunkFile(
  path: string,
  parameters: ChunkingParameters = CHUNKING,
  options: CutOptions = {},
): AsyncGenerator<FileChunk> {
  const cutter = new FileCutter(parameters, options);
  const file = openSync(path, 'r');
  try {
    for (const { offset, bytes, ends } of cutter.cut(file, fstatSync(file).size)) {
      const digests = await Promise.all(
        ends.map((end, index) => sha256Aside(bytes.subarray(ends[index - 1] ?? 0, end))),
      );
      for (const [index, digest] of digests.entries()) {
        const start = ends[index - 1] ?? 0;
        yield { offset: offset + start, length: (ends[index] ?? 0) - start, digest };
      }
    }
  } finally {
    closeSync(file);
  }
}
