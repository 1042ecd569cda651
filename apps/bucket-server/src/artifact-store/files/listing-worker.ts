// The worker thread that reads listings: pages of names, sizes or contents, by synchronous calls.
import { closeSync, type Dir, opendirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../error-words.ts';
import { MAX_REF_BYTES } from '../object-store.ts';
import { serveCalls } from '../threads/serve-calls.ts';

/** A page has at most so many entries. The first is short, so that it comes soon. */
const FIRST_PAGE = 32;
const PAGE = 512;

/** The files of one page: their paths within the folder, and where each one's content ends in `bytes`. */
export type RefPage = {
  readonly names: readonly string[];
  readonly ends: readonly number[];
  readonly bytes: Uint8Array;
};

export type ListedFile = { readonly path: string; readonly size: number };

type Listing = { readonly files: Generator<string>; readonly folder: string; pages: number };

const listings = new Map<number, Listing>();
let memory = new Uint8Array(16 * MAX_REF_BYTES);

const functions = {
  /** Begins a listing of the files in a folder: right in it, or at any depth. False where there is no such folder. */
  open(id: number, folder: string, isDeep: boolean): boolean {
    const dir = openDir(folder);
    if (dir === null) return false;
    listings.set(id, { files: filesIn(dir, '', folder, isDeep), folder, pages: 0 });
    return true;
  },

  /** The next files with their contents; null after the last. */
  refs(id: number): RefPage | null {
    const listing = opened(id);
    const names: string[] = [];
    const ends: number[] = [];
    let length = 0;
    for (const name of nextNames(listing)) {
      if (memory.length - length < MAX_REF_BYTES) growMemory();
      length += readInto(join(listing.folder, name), length);
      names.push(name);
      ends.push(length);
    }
    return names.length === 0 ? null : { names, ends, bytes: memory.slice(0, length) };
  },

  /** The next files with their sizes; null after the last. */
  sizes(id: number): ListedFile[] | null {
    const listing = opened(id);
    const files = nextNames(listing).map((path) => ({
      path,
      size: statSync(join(listing.folder, path)).size,
    }));
    return files.length === 0 ? null : files;
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
      if (entry.isFile()) yield path;
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

/** Reads a file to `memory` from `start`; returns how long it is, or MAX_REF_BYTES where it is longer. */
function readInto(path: string, start: number): number {
  const descriptor = openSync(path, 'r');
  try {
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

serveCalls(functions);
