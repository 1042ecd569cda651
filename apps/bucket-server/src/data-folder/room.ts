import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Free room, in bytes, below which a store that was full is not tried again: less would not hold an ordinary event. */
const ROOM_TO_GO_ON = 1024 * 1024;

/** Whether the file system that holds `folder` has room for a few events; true where that cannot be found out. */
export function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= ROOM_TO_GO_ON;
  } catch {
    return true; // the write that follows will tell
  }
}

/** Says that the disk that holds `folder` (or will hold it) is full, and what to do; undefined where it is not. */
export function fullDisk(folder: string): string | undefined {
  let existing = folder;
  while (!existsSync(existing) && existing !== dirname(existing)) existing = dirname(existing);
  if (hasRoom(existing)) return undefined;
  return `The disk is full: less than 1 MiB is free at ${existing}. Make room, or point BUCKET_DATA_DIR at another disk.`;
}
