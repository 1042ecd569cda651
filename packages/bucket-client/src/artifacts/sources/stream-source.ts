import { types } from 'node:util';
import { ArtifactError } from '../../errors.ts';
import { shown, wordsOf } from '../shown.ts';
import type { Transfer } from '../transfer.ts';
import { invalidSource, PIECE_BYTES, type Source, slices } from './source.ts';

/** The part of a stream of bytes that is needed here. */
interface Reader {
  next(): Promise<IteratorResult<unknown>>;
  /** Ends the stream, even while `next` waits. Never throws. */
  cancel(): void;
}

/** The pieces of a stream as they come. Its owner may reuse the bytes of one as soon as the next is asked for. */
export class ByteStream {
  readonly #reader: Reader;
  readonly #transfer: Transfer;

  private constructor(reader: Reader, transfer: Transfer) {
    this.#reader = reader;
    this.#transfer = transfer;
  }

  /** Undefined where the value is no stream. */
  static from(value: unknown, transfer: Transfer): ByteStream | undefined {
    const reader = readerOf(value);
    return reader && new ByteStream(reader, transfer);
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const { done, value } = await this.#next();
      if (done === true) return;
      if (!types.isUint8Array(value)) {
        throw invalidSource(
          shown(value),
          'a piece of a stream must be bytes: leave out setEncoding and objectMode',
        );
      }
      yield* slices(value);
    }
  }

  cancel(): void {
    this.#reader.cancel();
  }

  async #next(): Promise<IteratorResult<unknown>> {
    try {
      return await this.#transfer.race(this.#reader.next());
    } catch (cause) {
      this.#transfer.throwIfOver();
      throw new ArtifactError('source_failed', `the source failed: ${wordsOf(cause)}.`, { cause });
    }
  }
}

/** A stream whose digest and size the caller knows: it is sent as it comes, and held to both. */
export class StreamSource implements Source {
  readonly size: number;
  readonly digest: string;
  readonly once = true;
  readonly #stream: ByteStream;

  constructor(stream: ByteStream, size: number, digest: string) {
    this.#stream = stream;
    this.size = size;
    this.digest = digest;
  }

  /**
   * Each piece is held back until the next one, or the end, is there: only so can the last one be known as such. It is
   * a copy, because a generator may fill one buffer again and again.
   */
  async *pieces(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    const buffer = Buffer.allocUnsafeSlow(Math.min(this.size, PIECE_BYTES));
    let held: Uint8Array | undefined;
    for await (const piece of this.#stream.pieces()) {
      bytes += piece.byteLength;
      if (bytes > this.size) throw this.#mismatch(`more than ${this.size}`, bytes);
      if (held !== undefined) yield held;
      buffer.set(piece);
      held = buffer.subarray(0, piece.byteLength);
    }
    if (bytes < this.size) throw this.#mismatch(String(bytes), bytes);
    if (held !== undefined) yield held;
  }

  async assertUnchanged(): Promise<void> {}

  async close(): Promise<void> {
    this.#stream.cancel();
  }

  #mismatch(came: string, found: number): ArtifactError {
    const message = `the stream gave ${came} bytes, and size says ${this.size}: give the exact number, or let spool count them. Nothing was stored.`;
    return new ArtifactError('size_mismatch', message, { expected: this.size, found });
  }
}

function readerOf(value: unknown): Reader | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  // a web stream's iterator cannot be ended while it waits; its reader can
  if ('getReader' in value && typeof value.getReader === 'function') return webReader(value.getReader());
  if (!isAsyncIterable(value)) return undefined;
  const iterator = value[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: () => cancel(value, iterator) };
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function';
}

function webReader(reader: ReadableStreamDefaultReader<unknown>): Reader {
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    cancel: () => {
      reader.cancel().catch(() => undefined); // it had failed before
    },
  };
}

/** A Readable is destroyed; whatever else iterates is told that nobody asks any more, which it may hear late. */
function cancel(stream: object, iterator: AsyncIterator<unknown>): void {
  if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
  else Promise.resolve(iterator.return?.()).catch(() => undefined);
}
