import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, link, lstat, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArtifactError } from '../errors.ts';
import { wordsOf } from './shown.ts';
import { writeAll } from './write-all.ts';

/** So much is gathered for one write: a system call for each piece that a socket gives would double the time. */
const GATHER_BYTES = 512 * 1024;

/**
 * A file that gets its name when it is whole. Until then it is a temporary file in the same folder, so what was there
 * under that name stays untouched. A file that is replaced leaves its permissions to the new one, and a symbolic link
 * is followed: the file that it leads to is replaced. Every failure is an ArtifactError, `target_failed`,
 * `target_exists` or `target_not_a_file`.
 */
export class TargetFile {
  readonly #path: string;
  readonly #overwrite: boolean;
  readonly #mode: number | undefined;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #buffers = [Buffer.allocUnsafeSlow(GATHER_BYTES), Buffer.allocUnsafeSlow(GATHER_BYTES)] as const;
  #turn: 0 | 1 = 0;
  #gathered = 0;
  #position = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor({ path, mode }: Place, overwrite: boolean, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#overwrite = overwrite;
    this.#mode = mode;
    this.#temporary = temporary;
    this.#file = file;
  }

  static async create(path: string, overwrite: boolean): Promise<TargetFile> {
    const place = await placeOf(path, overwrite);
    const temporary = join(dirname(place.path), `.bhiv-download-${randomUUID()}`);
    const file = await attempt(place.path, () => open(temporary, 'wx', place.mode));
    return new TargetFile(place, overwrite, temporary, file);
  }

  /** Forgets what was written so far. */
  async restart(): Promise<void> {
    await this.#writing;
    this.#gathered = 0;
    this.#position = 0;
    await attempt(this.#path, () => this.#file.truncate(0));
  }

  /** Copies the bytes; a promise where the disk has to catch up first. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    const room = GATHER_BYTES - this.#gathered;
    this.#buffers[this.#turn].set(bytes.subarray(0, room), this.#gathered);
    this.#gathered += Math.min(bytes.byteLength, room);
    if (this.#gathered < GATHER_BYTES) return undefined;
    return this.#flush().then(() => this.write(bytes.subarray(room)));
  }

  /** Makes the file durable and gives it its name. */
  async commit(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await attempt(this.#path, async () => {
      await this.#keepMode();
      await this.#file.sync();
      await this.#file.close();
      if (this.#overwrite) {
        await rename(this.#temporary, this.#path);
      } else {
        await link(this.#temporary, this.#path); // unlike rename, it fails where the name is taken
        await unlink(this.#temporary);
      }
      await syncFolder(dirname(this.#path));
    });
  }

  /** Removes the temporary file, if it is there still. */
  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined); // whoever wrote has been told
    await this.#file.close().catch(() => undefined);
    await unlink(this.#temporary).catch(() => undefined); // it has its name by now, or its folder is gone
  }

  /** The umask may have taken some of it. It is set only where it differs: a file system without modes refuses. */
  async #keepMode(): Promise<void> {
    if (this.#mode === undefined || modeOf(await this.#file.stat()) === this.#mode) return;
    await this.#file.chmod(this.#mode);
  }

  /** Starts to write what is gathered, once the write before is done, and gathers in the other buffer. */
  async #flush(): Promise<void> {
    const bytes = this.#buffers[this.#turn].subarray(0, this.#gathered);
    const position = this.#position;
    await this.#writing;
    this.#position += bytes.byteLength;
    this.#gathered = 0;
    this.#turn = this.#turn === 0 ? 1 : 0;
    this.#writing = attempt(this.#path, () => writeAll(this.#file, bytes, position));
    this.#writing.catch(() => undefined); // the next flush, or the commit, tells
  }
}

/** Where the file goes. */
interface Place {
  readonly path: string;
  /** The permissions of the file that is there. */
  readonly mode: number | undefined;
}

async function placeOf(path: string, overwrite: boolean): Promise<Place> {
  let there: Stats;
  try {
    there = await stat(path);
  } catch (cause) {
    const link = await lstat(path).catch(() => undefined); // what is wrong with the folder is told by opening
    if (link === undefined) return { path, mode: undefined };
    throw notAFile(path, `a symbolic link that leads to no file (${wordsOf(cause)})`);
  }
  if (!there.isFile()) throw notAFile(path, kindOf(there));
  if (!overwrite) throw exists(path, undefined);
  return { path: await attempt(path, () => realpath(path)), mode: modeOf(there) };
}

/** Without the bits that let a program run as its owner: they are not for bytes that its owner did not put there. */
function modeOf(file: Stats): number {
  return file.mode & 0o777;
}

function kindOf(there: Stats): string {
  if (there.isDirectory()) return 'a folder';
  if (there.isFIFO()) return 'a named pipe';
  return there.isSocket() ? 'a socket' : 'a device';
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    throw codeOf(cause) === 'EEXIST' ? exists(path, cause) : failed(path, wordsOf(cause), cause);
  }
}

/** So that the name too survives a power cut. Windows cannot open a folder, and needs no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function failed(path: string, why: string, cause: unknown): ArtifactError {
  const message = `${path} cannot be written: ${why}. Give the path of a file in a folder that is there and has room.`;
  return new ArtifactError('target_failed', message, { cause });
}

function exists(path: string, cause: unknown): ArtifactError {
  const message = `${path} is there already, and overwrite is false: give another path, or remove it.`;
  return new ArtifactError('target_exists', message, { cause });
}

function notAFile(path: string, what: string): ArtifactError {
  const message = `${path} cannot be written: it is ${what}. Give the path of a regular file, or of one that is not there yet.`;
  return new ArtifactError('target_not_a_file', message);
}
