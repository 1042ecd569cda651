import type { ClientRequest, IncomingMessage } from 'node:http';
import { ArtifactError } from '../errors.ts';
import { badResponse } from './answer.ts';
import type { Call, Connection } from './connection.ts';
import { wordsOf } from './shown.ts';
import type { Transfer } from './transfer.ts';

/** How long a body waits for "100 Continue" on an open connection. Many servers never send it. */
const CONTINUE_WITHIN_MS = 1000;
/** Once all of a body is there, Bucket has 1 ms more for each so many bytes to make them durable. */
const DURABLE_BYTES_PER_MS = 16 * 1024;

export interface Body {
  /** Each valid until the next is asked for. Their `Content-Length` is in the call's headers. */
  readonly pieces: AsyncIterable<Uint8Array>;
  readonly size: number;
  /** Whether to wait for "100 Continue". */
  readonly asks: boolean;
  /** Told how many bytes the socket has taken so far. */
  readonly sent: (bytes: number) => void;
}

type Use<T> = (response: IncomingMessage, bodySent: boolean) => Promise<T>;

/** One request and its answer. No redirect is followed, nothing is repeated, and no socket survives a failure. */
export class Exchange {
  readonly #transfer: Transfer;
  readonly #request: ClientRequest;
  #response: IncomingMessage | undefined;
  #error: unknown;
  #bodySent = false;
  #wake: () => void = () => undefined;

  private constructor(request: ClientRequest, transfer: Transfer) {
    this.#request = request;
    this.#transfer = transfer;
    transfer.signal.addEventListener('abort', this.#giveUp, { once: true });
    request.on('error', (error) => this.#broke(error));
    request.on('response', (response) => {
      this.#response = response;
      response.on('error', () => undefined); // whoever reads the answer is told
      this.#wake();
    });
    // Node hands the socket over with it, or would close it without a word
    request.on('upgrade', ({ statusCode: status }, socket) => {
      socket.destroy();
      this.#broke(badResponse(`is a ${status}, a change of protocol that nobody asked for`, { status }));
    });
  }

  /**
   * Sends a request and hands its answer on as soon as the head is there. An answer that comes before the body was
   * sent stops the body.
   */
  static async run<T>(
    connection: Connection,
    transfer: Transfer,
    call: Call,
    use: Use<T>,
    body?: Body,
  ): Promise<T> {
    transfer.expect('the function of headers gave none');
    const headers = await transfer.race(connection.callersHeaders());
    const exchange = new Exchange(connection.request(call, headers), transfer);
    try {
      const response = await exchange.#answer(body);
      return await use(response, exchange.#bodySent);
    } catch (error) {
      throw transfer.failure ?? exchange.#lost(error, false);
    } finally {
      exchange.#close();
    }
  }

  async #answer(body: Body | undefined): Promise<IncomingMessage> {
    this.#transfer.expect('Bucket could not be reached');
    if (body?.asks === true) await this.#continue();
    if (body !== undefined) await this.#send(body);
    else this.#request.end();
    const patience = this.#transfer.idleMs + Math.ceil((body?.size ?? 0) / DURABLE_BYTES_PER_MS);
    this.#transfer.expect('Bucket gave no answer', patience);
    while (this.#response === undefined) {
      if (this.#error !== undefined) throw this.#lost(this.#error, body !== undefined);
      await this.#step(() => undefined);
    }
    return this.#response;
  }

  /** Waits until the body may be sent: Bucket says so, or nothing for a while once the connection is open. */
  async #continue(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await this.#step((done) => {
      const start = () => {
        timer ??= setTimeout(done, Math.min(CONTINUE_WITHIN_MS, this.#transfer.idleMs / 2));
      };
      this.#request.once('continue', done);
      this.#request.once('socket', (socket) => {
        if (socket.connecting) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', start);
        else start();
      });
      this.#request.flushHeaders();
    });
    clearTimeout(timer);
  }

  async #send({ pieces, size, sent }: Body): Promise<void> {
    const iterator = pieces[Symbol.asyncIterator]();
    let given = 0;
    try {
      do {
        this.#transfer.expect('the source gave no bytes');
        const next = await this.#unlessOver(iterator.next());
        if (!this.#isOpen || next === undefined) return;
        if (next.done === true) break;
        given += next.value.byteLength;
        this.#bodySent = given === size; // an answer may overtake the news that the last piece is gone
        this.#transfer.expect('Bucket took no bytes');
        await this.#write(next.value);
        if (this.#error === undefined) sent(given);
      } while (given < size && this.#isOpen);
      if (given < size) return;
      this.#bodySent = true;
      this.#request.end();
    } finally {
      // not awaited: a source that is asked for its next piece may take for ever, and its owner closes it
      iterator.return?.().catch(() => undefined);
    }
  }

  #write(piece: Uint8Array): Promise<void> {
    return this.#step((done) => {
      this.#request.write(piece, (error) => {
        if (error) this.#broke(error);
        done();
      });
    });
  }

  /** No answer yet, and no fault. */
  get #isOpen(): boolean {
    return this.#response === undefined && this.#error === undefined;
  }

  /** Starts something and waits for it, or for the end of the exchange, whichever is first. */
  #step(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      start(resolve);
    });
  }

  /** A promise's outcome, or undefined where the exchange ends first. */
  #unlessOver<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(undefined);
      promise.then(resolve, reject);
    });
  }

  #broke(error: unknown): void {
    this.#error ??= error;
    this.#wake();
  }

  readonly #giveUp = (): void => {
    const { failure } = this.#transfer;
    (this.#response ?? this.#request).destroy(failure);
    this.#broke(failure);
  };

  /** What ended the exchange, as it is where it is an error of ours; otherwise it was the connection's. */
  #lost(cause: unknown, isUpload: boolean): ArtifactError {
    if (cause instanceof ArtifactError) return cause;
    let remedy = 'See whether Bucket runs, and whether the url of the client is right.';
    if (isUpload) remedy = `Nothing was stored. ${remedy}`;
    if (this.#bodySent) {
      remedy = 'All bytes had been sent, so they may be stored: upload them again, which does no harm.';
    }
    const words = wordsOf(cause);
    const isNotHttp = words.includes('HPE_'); // the codes of Node's HTTP parser
    const message = `the connection to Bucket failed: ${words}. ${remedy}`;
    return new ArtifactError(isNotHttp ? 'bad_response' : 'network', message, { cause });
  }

  /** The socket goes back to the others only where both sides have said all. */
  #close(): void {
    this.#transfer.signal.removeEventListener('abort', this.#giveUp);
    if (this.#request.writableFinished && this.#response?.readableEnded === true) return;
    this.#response?.destroy();
    this.#request.destroy();
  }
}
