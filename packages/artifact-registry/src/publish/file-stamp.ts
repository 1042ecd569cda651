import type { BigIntStats } from 'node:fs';

/** What tells that a file is still the one that was looked at, and has not been written to. */
export function stampOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs}`;
}
