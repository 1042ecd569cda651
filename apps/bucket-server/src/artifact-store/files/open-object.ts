import { codeOf, reasonOf } from '../../error-words.ts';
import { type ByteRange, ObjectStoreError, type OpenedObject } from '../object-store.ts';
import { asStoreError, closedError } from './failure.ts';
import type { Buffers, ReadBuffers } from './read-buffers.ts';
import { closeFile, openFile, READ_ONLY, readAt, statOpenFile } from './system-calls.ts';

/** An object or range that is no larger is read in one go, into memory of its own. */
const SMALL_BYTES = 64 * 1024;

/** How many buffers may be being filled while the reader has the others. */
const READ_AHEAD = 2;

type Parts = { readonly buffers: ReadBuffers; readonly isClosed: () => boolean };

/** Opens a file for reading; null where there is none. Rejects with ObjectStoreError. */
export async function openObject(
  parts: Parts,
  path: string,
  range?: ByteRange,
): Promise<OpenedObject | null> {
  const descriptor = await openOrNull(path);
  if (descriptor === null) return null;
  const file = new OpenObject(parts, descriptor);
  try {
    const stats = await statOpenFile(descriptor);
    if (!stats.isFile()) throw damaged('it is not a file', 'not a file');
    const { start, end } = range ?? { start: 0, end: stats.size };
    return { size: stats.size, pieces: file.pieces(start, end), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw asStoreError(error, 'the reading of an object');
  }
}

async function openOrNull(path: string): Promise<number | null> {
  try {
    return await openFile(path, READ_ONLY);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw asStoreError(error, 'the reading of an object');
  }
}

class OpenObject {
  readonly #parts: Parts;
  readonly #descriptor: number;
  readonly #reads: Promise<Buffer>[] = [];
  #buffers: Buffers | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts, descriptor: number) {
    this.#parts = parts;
    this.#descriptor = descriptor;
  }

  async *pieces(start: number, end: number): AsyncGenerator<Buffer> {
    try {
      if (this.#closing !== undefined) throw closedError();
      if (end - start <= SMALL_BYTES) yield* this.#inOneGo(start, end);
      else yield* this.#readingAhead(start, end);
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async *#inOneGo(start: number, end: number): AsyncGenerator<Buffer> {
    if (end > start) yield await this.#fill(Buffer.allocUnsafe(end - start), start);
  }

  async *#readingAhead(start: number, end: number): AsyncGenerator<Buffer> {
    let buffers = this.#parts.buffers.lease();
    this.#buffers = buffers;
    let asked = start;
    let turn = 0;
    const askForMore = () => {
      if (asked >= end) return;
      buffers = this.#parts.buffers.exchange(buffers, asked - start);
      this.#buffers = buffers;
      const buffer = buffers[turn++ % buffers.length];
      if (buffer === undefined) throw new Error('a read was given no buffers');
      const read = this.#fill(buffer.subarray(0, end - asked), asked);
      read.catch(() => undefined); // told when its turn comes, if it comes
      this.#reads.push(read);
      asked += buffer.length;
    };
    for (let ahead = 0; ahead < READ_AHEAD; ahead += 1) askForMore();
    for (let read = this.#reads[0]; read !== undefined; read = this.#reads[0]) {
      const piece = await read;
      this.#reads.shift();
      // The reader has this piece and the one before it; the buffer after them is free again.
      askForMore();
      yield piece;
    }
  }

  async #fill(buffer: Buffer, position: number): Promise<Buffer> {
    if (this.#parts.isClosed()) throw closedError();
    for (let done = 0; done < buffer.length; ) {
      const count = await readAt(this.#descriptor, buffer.subarray(done), position + done).catch(cannotRead);
      if (count === 0) throw damaged('it is shorter than it was', 'short');
      done += count;
    }
    return buffer;
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#reads);
    if (this.#buffers !== undefined) this.#parts.buffers.giveBack(this.#buffers);
    // Nothing was written through it, so an error of close loses nothing.
    await closeFile(this.#descriptor).catch(() => undefined);
  }
}

function cannotRead(error: unknown): never {
  throw damaged(reasonOf(error), reasonOf(error));
}

function damaged(what: string, reason: string): ObjectStoreError {
  const message = `A stored object cannot be read whole: ${what}. Run bucket-server fsck; uploading the right bytes again heals it.`;
  return new ObjectStoreError('damaged', message, reason);
}
