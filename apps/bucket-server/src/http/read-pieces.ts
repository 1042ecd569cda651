import type { IncomingMessage } from 'node:http';
import { ClientGoneError, RequestError } from '../errors.ts';
import { Pace, type PaceLimits } from './pace.ts';
import { releaseBytes } from './release-bytes.ts';
import { declaredLength } from './request.ts';

/**
 * The body of a request in the pieces in which it arrives, at the pace at which they are asked for: while nobody asks,
 * the client waits. A piece is there until the next one is asked for; then its memory is given back. Fails with RequestError `request_timeout` (408) and `incomplete_body` (400), and with
 * ClientGoneError. Leaving the loop early leaves the request and its connection as they are, so that it can still be
 * answered. (The iterator that Node has would destroy them.)
 */
export async function* readPieces(request: IncomingMessage, limits: PaceLimits): AsyncGenerator<Buffer> {
  const pace = new Pace(limits);
  const news = new News(request);
  let bytes = 0;
  try {
    for (;;) {
      const piece: Buffer | null = request.read();
      if (piece !== null) {
        pace.received(piece.length);
        bytes += piece.length;
        yield piece;
        releaseBytes(piece);
      } else if (request.readableEnded) {
        return;
      } else if (request.socket.readableEnded && !request.complete) {
        throw incomplete(bytes, declaredLength(request));
      } else if (request.destroyed) {
        throw new ClientGoneError('The client went away in the middle of the body.');
      } else {
        const started = performance.now();
        await news.within(pace.patienceMs);
        pace.waited(performance.now() - started);
      }
    }
  } finally {
    news.close();
  }
}

/** Something may have happened to a request: bytes, the end, the end of the connection. */
class News {
  readonly #request: IncomingMessage;
  readonly #socket: IncomingMessage['socket'];
  #wake = () => {};
  readonly #onNews = () => this.#wake();

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.#socket = request.socket;
    request.on('readable', this.#onNews).on('end', this.#onNews).on('close', this.#onNews);
    // Stays for good: an error without a listener would end the process. What it means is seen by the state.
    request.on('error', this.#onNews);
    this.#socket.on('end', this.#onNews);
  }

  /** Resolves at the next news, or after `ms`. */
  within(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, Math.ceil(ms)));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  close(): void {
    this.#request.off('readable', this.#onNews).off('end', this.#onNews).off('close', this.#onNews);
    this.#socket.off('end', this.#onNews);
  }
}

function incomplete(bytes: number, length: number | undefined): RequestError {
  const found = length === undefined ? `${bytes} bytes and no last chunk` : `${bytes} of ${length} bytes`;
  const message = `The body ended early, after ${found}: send it again, whole. Nothing is stored.`;
  return new RequestError('incomplete_body', message, {
    received_bytes: bytes,
    ...(length === undefined ? {} : { expected_bytes: length }),
  });
}
