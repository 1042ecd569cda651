import { TransferError } from '../transfer-error.ts';

/** How a file is cut into chunks. */
export interface ChunkingParameters {
  /** No chunk is shorter, unless a cut that is given or the end of the file makes it so. In bytes, at least 64. */
  readonly minBytes: number;
  /** No chunk is longer. In bytes. The same as `minBytes`: all chunks have this length. */
  readonly maxBytes: number;
  /**
   * From `minBytes` on, one place in 2 to the power of this is a boundary, so a chunk has
   * minBytes + 2 ** maskBits bytes on average. From 1 to 30.
   */
  readonly maskBits: number;
}

/**
 * What `publish` cuts with: 512 KiB to 4 MiB, 1 MiB on average. Two publishers that cut alike find each other's chunks,
 * so these numbers stay as they are. Half of the average may be skipped without a look, which makes it quick; and where
 * bytes were inserted, the boundaries are the old ones again after some 2 chunks.
 */
export const CHUNKING: ChunkingParameters = { minBytes: 512 * 1024, maxBytes: 4 * 1024 * 1024, maskBits: 19 };

/** Throws TransferError `invalid_argument` for parameters that cannot be. */
export function checkParameters({ minBytes, maxBytes, maskBits }: ChunkingParameters): void {
  const good =
    isWithin(minBytes, 64, maxBytes) && isWithin(maxBytes, minBytes, 2 ** 30) && isWithin(maskBits, 1, 30);
  if (good) return;
  const found = `minBytes ${minBytes}, maxBytes ${maxBytes}, maskBits ${maskBits}`;
  throw new TransferError(
    'invalid_argument',
    `no file can be cut with ${found}: the bytes are whole numbers with 64 <= minBytes <= maxBytes <= 1 GiB, and maskBits is one from 1 to 30.`,
    { found },
  );
}

function isWithin(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to;
}
