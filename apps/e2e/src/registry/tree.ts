import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The digest of each file in a folder by its path in there. What a fetch keeps for itself is left out. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const location = join(entry.parentPath, entry.name);
    const path = relative(folder, location);
    if (!entry.isFile() || path.startsWith('.bhiv-fetch')) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(location), hash);
    tree[path] = hash.digest('hex');
  }
  return tree;
}
