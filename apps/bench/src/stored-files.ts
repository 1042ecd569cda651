import { closeSync, fsyncSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Removes the bytes of all artifacts that a Bucket has stored, and has the file system write that down. */
export function removeStored(dataDir: string): void {
  for (const entry of readdirSync(dataDir, { recursive: true, withFileTypes: true })) {
    // A blob is named by its digest (the layout that object-store.ts of bucket-server draws).
    if (entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name)) unlinkSync(join(entry.parentPath, entry.name));
  }
  const descriptor = openSync(dataDir, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
