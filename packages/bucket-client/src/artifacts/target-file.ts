import { randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArtifactError } from '../errors.ts';
import { wordsOf } from './shown.ts';
import { writeAll } from './write-all.ts';

/** So much is gathered for one write: a system call for each piece that a socket gives would double the time. */
const GATHER_BYTES = 512 * 1024;

/**
 * A file that gets its name when it is whole. Until then it is a temporary file in the same folder, so what was there
 * under that name stays untouched. Every failure is an ArtifactError, `target_failed` or `target_exists`.
 */
export class TargetFile {
  readonly #path: string;
  readonly #overwrite: boolean;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #buffers = [Buffer.allocUnsafeSlow(GATHER_BYTES), Buffer.allocUnsafeSlow(GATHER_BYTES)] as const;
  #turn: 0 | 1 = 0;
  #gathered = 0;
  #position = 0;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, overwrite: boolean, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#overwrite = overwrite;
    this.#temporary = temporary;
    this.#file = file;
  }

  static async create(path: string, overwrite: boolean): Promise<TargetFile> {
    await assertFree(path, overwrite);
    const temporary = join(dirname(path), `.bhiv-download-${randomUUID()}`);
    const file = await attempt(path, () => open(temporary, 'wx'));
    return new TargetFile(path, overwrite, temporary, file);
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

async function assertFree(path: string, overwrite: boolean): Promise<void> {
  const there = await stat(path).catch(() => undefined); // what is wrong with the folder is told by opening
  if (there === undefined) return;
  if (there.isDirectory()) {
    throw failed(path, 'it is a folder', undefined);
  }
  if (!overwrite) throw exists(path, undefined);
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
