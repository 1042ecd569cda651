import { open, rm, truncate } from 'node:fs/promises';
import { getText } from './download.ts';

/** Something that happens to a file of stored bytes behind Bucket's back. */
export interface Damage {
  readonly title: string;
  /** Whether a file of so many bytes can have it. */
  fits(size: number): boolean;
  /** Does it to the file, which has so many bytes. */
  apply(path: string, size: number): Promise<void>;
}

export const damages: readonly Damage[] = [
  flipped('the first byte flipped', () => 0),
  flipped('a byte in the middle flipped', (size) => size >> 1),
  flipped('the last byte flipped', (size) => size - 1),
  { title: 'one byte short', fits: (size) => size > 0, apply: (path, size) => truncate(path, size - 1) },
  { title: 'half of it gone', fits: (size) => size > 2, apply: (path, size) => truncate(path, size >> 1) },
  { title: 'empty', fits: (size) => size > 0, apply: (path) => truncate(path, 0) },
  { title: 'one byte more', fits: () => true, apply: (path, size) => truncate(path, size + 1) },
  { title: '100 KiB more', fits: () => true, apply: (path, size) => truncate(path, size + 102_400) },
  { title: 'removed', fits: () => true, apply: (path) => rm(path) },
];

function flipped(title: string, at: (size: number) => number): Damage {
  return {
    title,
    fits: (size) => size > 0,
    async apply(path, size) {
      const file = await open(path, 'r+');
      try {
        const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at(size));
        await file.write(Buffer.of(buffer.readUInt8() ^ 0x01), 0, 1, at(size));
      } finally {
        await file.close();
      }
    },
  };
}

/** How many damaged artifacts Bucket has counted when somebody read them. */
export async function countedOnRead(base: string): Promise<number> {
  const { text } = await getText(`${base}/metrics`);
  const [, count = '0'] =
    /^bucket_artifact_digest_failures_total\{found_by="read"\} (\d+)$/m.exec(text) ?? [];
  return Number(count);
}
