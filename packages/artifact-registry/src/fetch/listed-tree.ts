import { inParallel } from '../in-parallel.ts';
import {
  type Chunk,
  type ListedFile,
  PACK_BYTES,
  type Pack,
  type Tree,
  type TreeFile,
} from '../manifest/tree.ts';
import { shown } from '../shown.ts';
import type { Host } from '../thread/host.ts';
import { TransferError } from '../transfer-error.ts';

/**
 * The tree of a list of shards by another tool. Bucket is asked how large they are. Such a shard has no chunks: it is
 * read in ranges, and only the whole can be held to a digest. Throws `pack_not_found`, `digest_mismatch` or
 * `size_mismatch` where Bucket has not what the list says.
 */
export async function treeOfList(
  listed: readonly ListedFile[],
  host: Host<never>,
  concurrency: number,
): Promise<Tree> {
  const sizes = new Map<ListedFile, number>();
  await inParallel(listed, concurrency, async (shard) => {
    sizes.set(shard, await sizeOf(shard, host));
  });
  const packs: Pack[] = [];
  const chunks: Chunk[] = [];
  const files = listed.map((shard, number): TreeFile => {
    const { path, artifactId, version, digest } = shard;
    const size = sizes.get(shard) ?? 0;
    const first = chunks.length;
    packs.push({ artifactId, version, digest, size });
    for (let offset = 0; offset < size; offset += PACK_BYTES) {
      chunks.push({ digest: undefined, pack: number, offset, length: Math.min(PACK_BYTES, size - offset) });
    }
    const numbers = Array.from({ length: chunks.length - first }, (_, index) => first + index);
    return { path, size, digest, chunks: numbers, executable: false };
  });
  return { packs, chunks, files, folders: [] };
}

async function sizeOf(
  { path, artifactId, version, digest, size }: ListedFile,
  host: Host<never>,
): Promise<number> {
  const name = `${artifactId} ${version}`;
  const stored = await host.head({ artifactId, version });
  if (stored === null) {
    const message = `Bucket has no ${name}, which the manifest names for ${shown(path)}.`;
    throw new TransferError('pack_not_found', message, { details: { path, artifactId, version } });
  }
  if (stored.digest !== digest) {
    const message = `Bucket has ${name} with the digest ${stored.digest}, and the manifest says ${digest} for ${shown(path)}.`;
    throw new TransferError('digest_mismatch', message, {
      ...{ expected: digest, found: stored.digest },
      details: { path, artifactId, version },
    });
  }
  if (size === undefined || stored.size_bytes === size) return stored.size_bytes;
  const message = `Bucket has ${name} with ${stored.size_bytes} bytes, and the manifest says ${size} for ${shown(path)}.`;
  throw new TransferError('size_mismatch', message, {
    ...{ expected: size, found: stored.size_bytes },
    details: { path, artifactId, version },
  });
}
