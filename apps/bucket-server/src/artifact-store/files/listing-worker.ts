// The worker thread that reads listings: pages of names, sizes or contents, by synchronous calls.
import { closeSync, type Dir, fstatSync, opendirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../error-words.ts';
import { serve } from '../../threads/serve.ts';
import { isRefName } from '../keys.ts';
import { MAX_REF_BYTES } from '../object-store.ts';
import { READ_ONLY } from './system-calls.ts';

/**
 * A page has at most so many entries: the main thread works on one for some milliseconds, and not longer. The first is
 * short, so that it comes soon.
 */
const FIRST_PAGE = 32;
const PAGE = 128;

/**
 * The refs of one page: their names in the folder, and where each one's content ends in `bytes`; and the names of those
 * that could not be read, which may be gone or no files.
 */
export type RefPage = {
  readonly names: readonly string[];
  readonly ends: readonly number[];
  readonly bytes: Uint8Array;
  readonly unread: readonly string[];
};

export type ListedFile = { readonly path: string; readonly size: number };

type Listing = { readonly files: Generator<string>; readonly folder: string; pages: number };

const listings = new Map<number, Listing>();
let memory = new Uint8Array(16 * MAX_REF_BYTES);

const functions = {
  /** Begins a listing: of the refs right in a folder, or of the files at any depth. False where there is no such folder. */
  open(id: number, folder: string, isDeep: boolean): boolean {
    const dir = openDir(folder);
    if (dir === null) return false;
    listings.set(id, { files: filesIn(dir, '', folder, isDeep), folder, pages: 0 });
    return true;
  },

  /** The next refs with their contents; null after the last. */
  refs(id: number): RefPage | null {
    const listing = opened(id);
    const names: string[] = [];
    const ends: number[] = [];
    const unread: string[] = [];
    let length = 0;
    for (const name of nextNames(listing)) {
      if (memory.length - length < MAX_REF_BYTES) growMemory();
      const bytes = readInto(join(listing.folder, name), length);
      if (bytes === null) {
        unread.push(name);
        continue;
      }
      length += bytes;
      names.push(name);
      ends.push(length);
    }
    const isOver = names.length + unread.length === 0;
    return isOver ? null : { names, ends, bytes: memory.slice(0, length), unread };
  },

  /** The next files with their sizes; null after the last. */
  sizes(id: number): ListedFile[] | null {
    const listing = opened(id);
    const paths = nextNames(listing);
    if (paths.length === 0) return null;
    return paths.flatMap((path) => {
      // One that has gone meanwhile, or whose name is not UTF-8, is no object.
      const stats = statSync(join(listing.folder, path), { throwIfNoEntry: false });
      return stats === undefined ? [] : [{ path, size: stats.size }];
    });
  },

  close(id: number): void {
    listings.get(id)?.files.return(undefined);
    listings.delete(id);
  },
};

export type ListingFunctions = typeof functions;

function opened(id: number): Listing {
  const listing = listings.get(id);
  if (listing === undefined) throw new Error('a listing was asked for that is not open');
  return listing;
}

function nextNames(listing: Listing): string[] {
  const most = listing.pages === 0 ? FIRST_PAGE : PAGE;
  listing.pages += 1;
  const names: string[] = [];
  while (names.length < most) {
    const { done, value } = listing.files.next();
    if (done) break;
    names.push(value);
  }
  return names;
}

function* filesIn(dir: Dir, within: string, folder: string, isDeep: boolean): Generator<string> {
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
      const path = join(within, entry.name);
      if (isDeep ? entry.isFile() : isRefName(entry.name)) yield path;
      else if (isDeep && entry.isDirectory()) {
        const inner = openDir(join(folder, path));
        if (inner !== null) yield* filesIn(inner, path, folder, isDeep);
      }
    }
  } finally {
    dir.closeSync();
  }
}

function openDir(folder: string): Dir | null {
  try {
    return opendirSync(folder, { bufferSize: 256 });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return null;
  }
}

function growMemory(): void {
  const larger = new Uint8Array(2 * memory.length);
  larger.set(memory);
  memory = larger;
}

/** Reads a file to `memory` from `start`; returns how long it is, or null where it is no ref or cannot be read. */
function readInto(path: string, start: number): number | null {
  try {
    return readFile(path, start);
  } catch {
    return null; // whoever has the page reads it again by its name, and finds out why
  }
}

function readFile(path: string, start: number): number | null {
  const descriptor = openSync(path, READ_ONLY);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MAX_REF_BYTES) return null;
    let length = 0;
    while (length < MAX_REF_BYTES) {
      const count = readSync(descriptor, memory, start + length, MAX_REF_BYTES - length, null);
      if (count === 0) break;
      length += count;
    }
    return length;
  } finally {
    closeSync(descriptor);
  }
}

/** The contents of a page of refs. */
function contentsOf(result: unknown): Uint8Array[] {
  if (typeof result !== 'object' || result === null || !('bytes' in result)) return [];
  return result.bytes instanceof Uint8Array ? [result.bytes] : [];
}

serve(functions, { handsOver: contentsOf });
