import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ArtifactError } from '../../errors.ts';
import { wordsOf } from '../shown.ts';
import { changed, invalidSource, PIECE_BYTES, type Source } from './source.ts';

/** A file, read by one handle from first to last: a new file of the same name is not seen. */
export class FileSource implements Source {
  readonly size: number;
  readonly digest: string | undefined;
  readonly once = false;
  readonly #file: FileHandle;
  readonly #modified: bigint;
  /** One is read into while the other is used. */
  readonly #buffers: readonly [Buffer, Buffer];

  private constructor(file: FileHandle, size: number, modified: bigint, digest?: string) {
    this.#file = file;
    this.size = size;
    this.#modified = modified;
    this.digest = digest;
    const bytes = Math.min(size, PIECE_BYTES);
    this.#buffers = [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)];
  }

  /** Opens a file by its path. Throws `source_failed`, or `invalid_source` where it is no regular file. */
  static async open(path: string | URL): Promise<FileSource> {
    let file: FileHandle;
    try {
      // without O_NONBLOCK, opening a named pipe would wait for its writer
      file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (cause) {
      throw new ArtifactError('source_failed', `the source cannot be opened: ${wordsOf(cause)}.`, { cause });
    }
    try {
      return await FileSource.of(file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Takes over an open file, whose digest may be known. */
  static async of(file: FileHandle, digest?: string): Promise<FileSource> {
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile()) {
      throw invalidSource(
        stat.isDirectory() ? 'a folder' : 'no regular file',
        'must be a file: give a stream of its bytes',
      );
    }
    return new FileSource(file, Number(stat.size), stat.mtimeNs, digest);
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    let position = 0;
    let turn = 0;
    let reading = this.#read(turn, position);
    try {
      while (position < this.size) {
        const piece = await reading;
        position += piece.byteLength;
        if (piece.byteLength === 0) throw changed('its size in bytes', this.size, position);
        turn = 1 - turn;
        reading = this.#read(turn, position);
        yield piece;
      }
    } finally {
      await reading.catch(() => undefined); // it must not write into a buffer that the next reading uses
    }
  }

  async assertUnchanged(): Promise<void> {
    const { size, mtimeNs } = await this.#file.stat({ bigint: true });
    if (Number(size) !== this.size) throw changed('its size in bytes', this.size, Number(size));
    if (mtimeNs !== this.#modified)
      throw changed('its time of change', timeOf(this.#modified), timeOf(mtimeNs));
  }

  async close(): Promise<void> {
    await this.#file.close().catch(() => undefined); // it was only read
  }

  async #read(turn: number, position: number): Promise<Uint8Array> {
    const buffer = this.#buffers[turn === 0 ? 0 : 1];
    const length = Math.min(buffer.byteLength, this.size - position);
    if (length === 0) return buffer.subarray(0, 0);
    try {
      const { bytesRead } = await this.#file.read(buffer, 0, length, position);
      return buffer.subarray(0, bytesRead);
    } catch (cause) {
      throw new ArtifactError('source_failed', `the source cannot be read: ${wordsOf(cause)}.`, { cause });
    }
  }
}

function timeOf(nanoseconds: bigint): string {
  return new Date(Number(nanoseconds / 1_000_000n)).toISOString();
}
