import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Alike, PARTIAL_FOLDER } from '../manifest/paths.ts';
import { messageOf, shown } from '../shown.ts';
import { codeOf, TransferError } from '../transfer-error.ts';

/**
 * The folder that is fetched into. Nothing outside of it is touched: every folder on the way to a file is found to be
 * one, and no symbolic link, before anything is written there, and once more before a file gets its name.
 *
 *     <target>/<path>                     files that are whole and verified
 *     <target>/.bhiv-fetch/<32 hex>.part  files that are not yet
 */
export class Target {
  readonly #root: string;
  readonly partials: string;

  private constructor(root: string) {
    this.#root = root;
    this.partials = join(root, PARTIAL_FOLDER);
  }

  /** Makes the folder where it is not there. It may itself be a symbolic link to one. */
  static open(path: string): Target {
    return writing(path, () => {
      mkdirSync(path, { recursive: true });
      return new Target(realpathSync(path));
    });
  }

  locationOf(path: string): string {
    return join(this.#root, path);
  }

  /** Makes the folders, each listed behind the one that it lies in. Throws `target_conflict` before any is made. */
  makeFolders(folders: readonly string[]): void {
    for (const folder of [PARTIAL_FOLDER, ...folders]) this.#assertFolder(folder);
    for (const folder of folders) {
      writing(this.locationOf(folder), () => mkdirSync(this.locationOf(folder), { recursive: true }));
    }
  }

  makePartials(): void {
    writing(this.partials, () => mkdirSync(this.partials, { recursive: true }));
  }

  /** Unfinished files of this fetch and of others that were never finished. */
  removePartials(): void {
    writing(this.partials, () => rmSync(this.partials, { recursive: true, force: true }));
  }

  /** What stands where a file goes: a file, whatever will be replaced by it, or nothing. */
  fileAt(path: string): Stats | undefined {
    const stats = statsOf(this.locationOf(path));
    if (stats?.isDirectory()) throw conflict(this.locationOf(path), 'a folder', 'a file');
    return stats?.isFile() ? stats : undefined;
  }

  /** Gives a whole file its name, in one step. */
  putInPlace(partial: string, path: string): void {
    const steps = path.split('/');
    for (let depth = 1; depth < steps.length; depth += 1) this.#assertFolder(steps.slice(0, depth).join('/'));
    writing(this.locationOf(path), () => renameSync(partial, this.locationOf(path)));
  }

  setExecutable(path: string, { mode }: Stats, executable: boolean): void {
    if (process.platform === 'win32' || ((mode & 0o100) !== 0) === executable) return;
    const wanted = executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111;
    writing(this.locationOf(path), () => chmodSync(this.locationOf(path), wanted & 0o7777));
  }

  /** Throws `target_full` where there is no room for so many bytes more. */
  assertRoom(bytes: number): void {
    const { blocks, bavail, bsize } = writing(this.#root, () => statfsSync(this.#root));
    const free = bavail * bsize;
    if (bytes <= free || blocks === 0) return; // a file system without blocks does not know
    const message = `${shown(this.#root)} needs ${bytes} bytes more, and its disk has ${free}: make room, or fetch to another disk.`;
    throw new TransferError('target_full', message, { expected: bytes, found: free });
  }

  /** Throws `name_collision` where two names would be one file here, because of case or of Unicode normal forms. */
  assertApart(pairs: readonly Alike[], probe: typeof isOneFile = isOneFile): void {
    if (pairs.length === 0) return;
    const folder = writing(this.#root, () => mkdtempSync(join(this.#root, `${PARTIAL_FOLDER}-`)));
    try {
      for (const { folder: inside, names } of pairs) {
        if (!probe(folder, names)) continue;
        const message = `${shown(names[0])} and ${shown(names[1])}${inside === '' ? '' : ` in ${shown(inside)}`} are one name on the disk of ${shown(this.#root)}: fetch to a disk that tells them apart. Nothing was written.`;
        throw new TransferError('name_collision', message, { details: { folder: inside, names } });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #assertFolder(folder: string): void {
    const location = this.locationOf(folder);
    const stats = statsOf(location);
    if (stats === undefined || stats.isDirectory()) return;
    throw conflict(location, stats.isSymbolicLink() ? 'a symbolic link' : 'something', 'a folder');
  }
}

/** Whether a file system has one file under both names. */
function isOneFile(folder: string, [one, other]: readonly [string, string]): boolean {
  writing(folder, () => writeFileSync(join(folder, one), ''));
  const found = statsOf(join(folder, other)) !== undefined;
  rmSync(join(folder, one));
  return found;
}

/** Undefined where nothing is there. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR') throw conflict(dirname(path), 'something', 'a folder');
    throw targetFailed(path, error);
  }
}

/** What `write` gives. What it throws is told as an error of the target. */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw targetFailed(path, error);
  }
}

export function targetFailed(path: string, error: unknown): unknown {
  if (error instanceof TransferError) return error;
  const code = codeOf(error);
  const details = { path };
  if (code === 'EEXIST' || code === 'ENOTDIR') return conflict(path, 'something', 'a folder', error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `The disk of ${shown(path)} is full: make room and fetch again, which goes on where it ended.`;
    return new TransferError('target_full', message, { details, cause: error });
  }
  const message = `${shown(path)} cannot be written: ${messageOf(error)}.`;
  return new TransferError('target_failed', message, { details, cause: error });
}

function conflict(path: string, found: string, expected: string, cause?: unknown): TransferError {
  const message = `${shown(path)} is ${found} and must be ${expected}: move it away, or fetch to another folder.`;
  return new TransferError('target_conflict', message, {
    ...{ expected, found, details: { path } },
    ...(cause !== undefined && { cause }),
  });
}
