import type { ServerResponse } from 'node:http';
import { ClientGoneError } from '../errors.ts';

export type SendOptions = {
  /** How long the client may take nothing before its connection is broken, in ms. */
  readonly stalledMs: number;
  /** Called after each piece with the bytes that were handed to the connection. */
  readonly onSent: (bytes: number) => void;
};

/**
 * Sends pieces as the body of an answer, at the pace at which the client takes them: the next one is asked for when
 * the operating system has the one before it, so a piece may be reused by then, and one of them waits in memory.
 * `writeHead` is called when the first piece is there, or the end: until then a failure can be answered as one. What
 * fails later rejects too, and the caller must break the connection, so that half of an artifact never looks whole.
 * Rejects with ClientGoneError where the client goes, or takes nothing for `stalledMs`.
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
  writeHead: () => void,
  { stalledMs, onSent }: SendOptions,
): Promise<void> {
  const reader = new Reader(response, stalledMs);
  let hasHead = false;
  try {
    for await (const piece of pieces) {
      if (!hasHead) writeHead();
      hasHead = true;
      await reader.takes((taken) => response.write(piece, taken));
      onSent(piece.length);
    }
    if (!hasHead) writeHead();
    await reader.takes((taken) => response.end(taken));
  } finally {
    reader.close();
  }
}

/** The client at the other end of an answer. */
class Reader {
  readonly #response: ServerResponse;
  readonly #stalledMs: number;
  #fail: ((error: Error) => void) | undefined;

  constructor(response: ServerResponse, stalledMs: number) {
    this.#response = response;
    this.#stalledMs = stalledMs;
    // The timer of the connection starts anew with every byte that the operating system takes, within a piece too.
    response.setTimeout(stalledMs, this.#onStalled);
    response.on('close', this.#onClose);
  }

  /** Resolves when the operating system has what `write` wrote. */
  takes(write: (taken: (error?: Error | null) => void) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      if (this.#response.destroyed) this.#onClose();
      else
        write((error) => {
          this.#fail = undefined;
          if (error) reject(gone());
          else resolve();
        });
    });
  }

  close(): void {
    this.#response.off('timeout', this.#onStalled).off('close', this.#onClose);
    this.#response.setTimeout(0);
  }

  readonly #onClose = () => this.#fail?.(gone());

  readonly #onStalled = () => {
    // Without a write under way it is Bucket that is slow.
    if (this.#fail === undefined) return;
    this.#fail(new ClientGoneError(`The client took nothing of the answer for ${this.#stalledMs} ms.`));
    this.#response.destroy();
  };
}

function gone(): ClientGoneError {
  return new ClientGoneError('The client went away in the middle of the answer.');
}
