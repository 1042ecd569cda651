import { type BigIntStats, type Dirent, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { faultOfPath } from '../manifest/paths.ts';
import { shown } from '../shown.ts';
import { TransferError } from '../transfer-error.ts';
import { stampOf } from './file-stamp.ts';
import { sourceFailed } from './source-errors.ts';

export interface SourceFile {
  /** Below the source, with `/` between names; of a single file, its name. */
  readonly path: string;
  /** Where it lies on this machine. */
  readonly location: string;
  readonly size: number;
  readonly executable: boolean;
  readonly stamp: string;
}

export interface Source {
  /** In the order of their paths, by UTF-16 code units. */
  readonly files: readonly SourceFile[];
  /** Those that hold nothing, in that order. */
  readonly folders: readonly string[];
}

/**
 * The files of a folder, of those in it too, or the one file. The source itself may be a symbolic link, nothing in it
 * may. Throws TransferError `source_failed`, `unsupported_file`, `unsupported_name` or `empty_source`.
 */
export function listSource(source: string): Source {
  const root = reading(source, () => realpathSync(source));
  const stats = statsOf(root);
  if (!stats.isDirectory())
    return { files: [fileAt(root, nameIn(basename(source), ''), stats)], folders: [] };
  const files: SourceFile[] = [];
  const folders: string[] = [];
  const waiting = [''];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = entriesOf(join(root, folder));
    if (entries.length === 0 && folder !== '') folders.push(folder);
    for (const entry of entries) {
      const path = nameIn(entry.name, folder);
      const location = join(root, path);
      const stats = statsOf(location);
      if (stats.isDirectory()) waiting.push(path);
      else files.push(fileAt(location, path, stats));
    }
  }
  if (files.length === 0 && folders.length === 0) {
    const message = `${shown(source)} is an empty folder: there is nothing to publish.`;
    throw new TransferError('empty_source', message, { details: { path: source } });
  }
  files.sort((one, other) => compare(one.path, other.path));
  return { files, folders: folders.sort(compare) };
}

/** The stamps of files that are there no more, or are others by now, are no longer those of the list. */
export function isUnchanged({ location, stamp }: SourceFile): boolean {
  try {
    return stampOf(lstatSync(location, { bigint: true })) === stamp;
  } catch {
    return false; // whatever the reason: it cannot be told to be the same
  }
}

function fileAt(location: string, path: string, stats: BigIntStats): SourceFile {
  const kind = KINDS.find(([is]) => is(stats))?.[1];
  if (kind !== undefined) {
    const message = `${shown(path)} is ${kind}, and only files and folders are published: remove it, or put what it leads to in its place.`;
    throw new TransferError('unsupported_file', message, { found: kind, details: { path } });
  }
  const executable = process.platform !== 'win32' && (stats.mode & 0o100n) !== 0n;
  return { path, location, size: Number(stats.size), executable, stamp: stampOf(stats) };
}

const KINDS: readonly (readonly [(stats: BigIntStats) => boolean, string])[] = [
  [(stats) => stats.isSymbolicLink(), 'a symbolic link'],
  [(stats) => stats.isSocket(), 'a socket'],
  [(stats) => stats.isFIFO(), 'a named pipe'],
  [(stats) => !stats.isFile(), 'a device'],
];

/** The path of a name in a folder. Its bytes must be UTF-8, and must mean the same on every machine. */
function nameIn(name: string | Buffer, folder: string): string {
  const text = name.toString('utf8');
  const path = folder === '' ? text : `${folder}/${text}`;
  if (typeof name !== 'string' && !Buffer.from(text, 'utf8').equals(name))
    throw unsupported(path, 'is not UTF-8');
  if (/[\p{Cc}\p{Cs}]/u.test(text)) throw unsupported(path, 'has a control character');
  if (text.includes('\\')) throw unsupported(path, 'has a backslash, which parts folders on Windows');
  // What Windows alone refuses is refused there, by whoever fetches it.
  const fault = faultOfPath(path, 'linux');
  if (fault !== undefined) throw unsupported(path, fault);
  return path;
}

function unsupported(path: string, what: string): TransferError {
  const message = `${shown(path)} ${what}: rename it, or leave it out of what is published.`;
  return new TransferError('unsupported_name', message, { found: path, details: { path } });
}

function entriesOf(folder: string): Dirent<Buffer>[] {
  return reading(folder, () => readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }));
}

function statsOf(path: string): BigIntStats {
  return reading(path, () => lstatSync(path, { bigint: true }));
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw sourceFailed(path, error);
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
