import { open, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the bytes with this digest are in a data folder. */
export function blobPath(dataFolder: string, digest: string): string {
  const hex = digest.slice('sha256:'.length);
  return join(dataFolder, 'artifacts', 'blobs', 'sha256', hex.slice(0, 2), hex);
}

/** What can happen to a file that lies on a disk. */
export const DAMAGES = {
  'a flipped bit': flipBit,
  'a flipped bit in the last byte': async (path: string) => flipBit(path, (await stat(path)).size - 1),
  'a byte too few': async (path: string) => truncate(path, (await stat(path)).size - 1),
  'a byte too many': async (path: string) => truncate(path, (await stat(path)).size + 1),
  'nothing left of it': (path: string) => truncate(path, 0),
  'the file gone': (path: string) => rm(path),
} as const;

export async function flipBit(path: string, position = 0): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte.writeUInt8(byte.readUInt8() ^ 1);
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}
