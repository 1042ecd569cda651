import { shown } from '../shown.ts';
import { invalidManifest } from './invalid-manifest.ts';
import { type ManifestPlace, packVersion, type Tree } from './tree.ts';

/** The rules of docs/manifest.md that no schema can say, but for those of paths. Throws `invalid_manifest`. */
export function checkTree(tree: Tree, place: ManifestPlace): void {
  checkPacks(tree, place);
  checkChunks(tree);
  checkFiles(tree);
}

function checkPacks({ packs }: Tree, place: ManifestPlace): void {
  const seen = new Set<string>();
  for (const { artifactId, version, digest } of packs) {
    const name = `${artifactId} ${version}`;
    if (version !== packVersion(digest)) {
      throw invalidManifest(`the shard ${shown(name)} has the digest ${digest}`, {
        expected: version,
        found: digest,
      });
    }
    if (seen.has(name)) throw invalidManifest(`the shard ${shown(name)} stands there twice`, { found: name });
    seen.add(name);
    if (artifactId === place.artifactId && version === place.version) {
      throw invalidManifest(`the shard ${shown(name)} is the manifest itself`, { found: name });
    }
  }
}

function checkChunks({ packs, chunks }: Tree): void {
  for (const [index, { pack, offset, length }] of chunks.entries()) {
    const size = packs[pack]?.size;
    if (size === undefined) {
      throw invalidManifest(`the chunk ${index} lies in the shard ${pack} of ${packs.length}`, {
        found: pack,
      });
    }
    if (offset + length <= size) continue;
    const what = `the chunk ${index} ends at byte ${offset + length} of the shard ${pack}, which has ${size}`;
    throw invalidManifest(what, { expected: size, found: offset + length });
  }
}

function checkFiles({ chunks, files }: Tree): void {
  let total = 0;
  for (const file of files) {
    let bytes = 0;
    for (const index of file.chunks) {
      const chunk = chunks[index];
      if (chunk === undefined) {
        const what = `the file ${shown(file.path)} has the chunk ${index} of ${chunks.length}`;
        throw invalidManifest(what, { found: index });
      }
      bytes += chunk.length;
    }
    total += bytes;
    if (bytes === file.size && Number.isSafeInteger(total)) continue;
    const what = `the file ${shown(file.path)} has ${file.size} bytes, and its chunks have ${bytes}`;
    throw invalidManifest(what, { expected: file.size, found: bytes });
  }
}
