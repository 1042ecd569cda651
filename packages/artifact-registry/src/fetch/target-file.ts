import {
  closeSync,
  constants,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Chunk, TreeFile } from '../manifest/tree.ts';
import { Sha256, sha256 } from '../sha256.ts';
import { shown } from '../shown.ts';
import { TransferError } from '../transfer-error.ts';
import { type Target, targetFailed, writing } from './target.ts';

const HASH_BYTES = 1024 * 1024;

/**
 * A file that is put together: chunks are written to a partial file at their places, in any order, and hashed in the
 * order of the file, from the disk where they came too early. It gets its name when the whole has its digest.
 */
export class TargetFile {
  readonly file: TreeFile;
  readonly #target: Target;
  readonly #lengths: readonly number[];
  readonly #partial: string;
  readonly #has: Uint8Array;
  readonly #hash = new Sha256();
  /** The first chunk that is not hashed, and where it starts. */
  #next = 0;
  #hashed = 0;

  constructor(target: Target, file: TreeFile, chunks: readonly Chunk[]) {
    this.file = file;
    this.#target = target;
    this.#lengths = file.chunks.map((chunk) => chunks[chunk]?.length ?? 0);
    this.#has = new Uint8Array(file.chunks.length);
    // The same file of the same version has the same name, so that a fetch that was killed is found again.
    const name = sha256(Buffer.from(`${file.path}\0${file.digest}`)).slice(
      'sha256:'.length,
      'sha256:'.length + 32,
    );
    this.#partial = join(target.partials, `${name}.part`);
  }

  has(index: number): boolean {
    return this.#has[index] === 1;
  }

  get isWhole(): boolean {
    return this.#next === this.#lengths.length;
  }

  /** Looks for what an earlier fetch left, and keeps the chunks that are right. Gives their bytes. */
  resume(chunks: readonly Chunk[]): number {
    const left = this.#open(constants.O_RDONLY);
    if (left === undefined) return 0;
    try {
      const { size } = fstatSync(left);
      let position = 0;
      let kept = 0;
      for (const [index, chunk] of this.file.chunks.entries()) {
        const length = this.#lengths[index] ?? 0;
        const { digest } = chunks[chunk] ?? {};
        if (digest !== undefined && position + length <= size) {
          const bytes = readAt(left, position, scratch(length));
          if (sha256(bytes) === digest) {
            this.#took(index, bytes);
            kept += length;
          }
        }
        position += length;
      }
      return kept;
    } catch (error) {
      throw targetFailed(this.#partial, error);
    } finally {
      closeSync(left);
    }
  }

  /** Takes the verified bytes of one of its chunks. */
  write(index: number, position: number, bytes: Uint8Array): void {
    writing(this.#partial, () => {
      const file = this.#open(constants.O_RDWR | constants.O_CREAT);
      if (file === undefined) return;
      try {
        for (let done = 0; done < bytes.byteLength; ) {
          done += writeSync(file, bytes, done, bytes.byteLength - done, position + done);
        }
        this.#took(index, bytes);
        this.#catchUp(file);
      } finally {
        closeSync(file);
      }
    });
  }

  /** Once it is whole: holds it to its digest and gives it its name. Throws `digest_mismatch`. */
  async finish(): Promise<void> {
    const { path, size, digest } = this.file;
    const found = this.#hash.digest();
    if (found !== digest) {
      rmSync(this.#partial, { force: true });
      const message = `${shown(path)} has the digest ${found}, and the manifest says ${digest}: it was thrown away. Either it is damaged in Bucket, or the manifest is wrong.`;
      throw new TransferError('digest_mismatch', message, { expected: digest, found, details: { path } });
    }
    const file = writing(this.#partial, () => this.#open(constants.O_RDWR | constants.O_CREAT));
    if (file === undefined) return;
    try {
      ftruncateSync(file, size);
      await promisify(fsync)(file); // before the name: a crash must not leave the name without the bytes
    } catch (error) {
      throw targetFailed(this.#partial, error);
    } finally {
      closeSync(file);
    }
    this.#target.putInPlace(this.#partial, path);
  }

  #took(index: number, bytes: Uint8Array): void {
    this.#has[index] = 1;
    if (index !== this.#next) return;
    this.#hash.update(bytes);
    this.#next += 1;
    this.#hashed += bytes.byteLength;
  }

  /** Hashes what had come too early. */
  #catchUp(file: number): void {
    while (this.#next < this.#lengths.length && this.has(this.#next)) {
      const length = this.#lengths[this.#next] ?? 0;
      for (let done = 0; done < length; done += HASH_BYTES) {
        const piece = scratch(Math.min(HASH_BYTES, length - done));
        this.#hash.update(readAt(file, this.#hashed + done, piece));
      }
      this.#hashed += length;
      this.#next += 1;
    }
  }

  /** Undefined where it is not there and is not to be made. It is never a symbolic link that is followed. */
  #open(flags: number): number | undefined {
    const mode = this.file.executable ? 0o777 : 0o666; // less what the umask takes
    try {
      return openSync(this.#partial, flags | (constants.O_NOFOLLOW ?? 0), mode);
    } catch (error) {
      if ((flags & constants.O_CREAT) === 0) return undefined; // nothing that could be kept
      throw error;
    }
  }
}

/** The digest of a file on the disk, read in pieces. */
export function digestOfFile(location: string, size: number): string {
  const hash = new Sha256();
  writing(location, () => {
    const file = openSync(location, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      for (let done = 0; done < size; done += HASH_BYTES) {
        hash.update(readAt(file, done, scratch(Math.min(HASH_BYTES, size - done))));
      }
    } finally {
      closeSync(file);
    }
  });
  return hash.digest();
}

/** As many bytes as are there and `into` holds. */
function readAt(file: number, position: number, into: Uint8Array): Uint8Array {
  let filled = 0;
  while (filled < into.byteLength) {
    const read = readSync(file, into, filled, into.byteLength - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return into.subarray(0, filled);
}

let memory = new Uint8Array(0);

/** Memory for bytes that are hashed before anything else is done: the same each time, not a MiB of garbage. */
function scratch(length: number): Uint8Array {
  if (memory.byteLength < length) memory = new Uint8Array(length);
  return memory.subarray(0, length);
}
