import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isAboutThePack } from '../fetch/problem.ts';
import { readRange } from '../fetch/read-range.ts';
import { PACK_BYTES, type Pack, type Tree } from '../manifest/tree.ts';
import { sha256 } from '../sha256.ts';
import type { Host } from '../thread/host.ts';
import { codeOf } from '../transfer-error.ts';

/** A place in a file where a chunk stands. */
interface Place {
  readonly path: string;
  readonly position: number;
}

/**
 * The right bytes of a pack: what Bucket still has of it, and its damaged chunks from the files of the source. Undefined
 * where those do not have them, and for what is too large to be a pack of ours.
 */
export async function rebuiltPack(
  tree: Tree,
  number: number,
  source: string,
  host: Host<never>,
): Promise<Uint8Array | undefined> {
  const pack = tree.packs[number];
  if (pack?.size === undefined || pack.size > PACK_BYTES) return undefined;
  const bytes = await storedBytes(pack, pack.size, host);
  for (const [chunk, places] of placesOf(tree, number)) {
    const { digest, offset = 0, length = 0 } = tree.chunks[chunk] ?? {};
    const part = bytes.subarray(offset, offset + length);
    const isRight = () => digest !== undefined && sha256(part) === digest;
    for (const place of places) {
      if (isRight()) break;
      readInto(part, locationOf(source, place.path), place.position);
    }
  }
  return sha256(bytes) === pack.digest ? bytes : undefined;
}

/** Whatever Bucket gives for it, in memory that is the caller's; zeros where it gives nothing. */
async function storedBytes(pack: Pack, size: number, host: Host<never>): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  try {
    const stored = await readRange(host, pack, { start: 0, end: size });
    bytes.set(stored);
    host.release(stored);
  } catch (error) {
    if (!isAboutThePack(codeOf(error))) throw error;
  }
  return bytes;
}

/** The chunks of a pack that files have, and where. */
function placesOf({ chunks, files }: Tree, pack: number): Map<number, Place[]> {
  const places = new Map<number, Place[]>();
  for (const { path, chunks: numbers } of files) {
    let position = 0;
    for (const number of numbers) {
      const chunk = chunks[number];
      if (chunk?.pack === pack) {
        const others = places.get(number);
        if (others === undefined) places.set(number, [{ path, position }]);
        else others.push({ path, position });
      }
      position += chunk?.length ?? 0;
    }
  }
  return places;
}

/** The source is a folder of the files, or the one file itself. */
function locationOf(source: string, path: string): string {
  return statSync(source, { throwIfNoEntry: false })?.isFile() && basename(source) === path
    ? source
    : join(source, path);
}

/**
 * Fills memory from a file, where it is there and has so much. Whether the bytes are right is for the caller to find
 * out, so a file that cannot be read is no error: it does not help.
 */
function readInto(part: Uint8Array, location: string, position: number): void {
  let file: number | undefined;
  try {
    file = openSync(location, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    for (let filled = 0; filled < part.byteLength; ) {
      const read = readSync(file, part, filled, part.byteLength - filled, position + filled);
      if (read === 0) return;
      filled += read;
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error; // not the system's
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
