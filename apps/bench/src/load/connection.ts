import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';

export interface ConnectionOptions {
  /**
   * The most bytes that are taken from the operating system at a time.
   * @default 65536
   */
  readonly receiveBytes?: number;
}

/**
 * One keep-alive HTTP connection with one request on its way at a time. It knows just enough of HTTP for the answers
 * of the servers here, so that the load generator costs little of the machine that it shares with what it loads.
 */
export class Connection {
  readonly #socket: Socket;
  #answer = new AnswerReader();
  #answered: ((status: number) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(url: string, receiveBytes: number) {
    const { hostname, port } = new URL(url);
    const onread = {
      buffer: Buffer.allocUnsafeSlow(receiveBytes),
      callback: (length: number, buffer: Uint8Array) => this.#receive(buffer, length),
    };
    this.#socket = connect({ host: hostname, port: Number(port), onread }).setNoDelay(true);
    const broken = (error?: Error) => this.#failed?.(error ?? new Error('the connection was closed'));
    this.#socket.on('error', broken).on('close', () => broken());
  }

  static open(url: string, { receiveBytes = 65_536 }: ConnectionOptions = {}): Promise<Connection> {
    const connection = new Connection(url, receiveBytes);
    return new Promise((resolve, reject) => {
      connection.#failed = reject;
      connection.#socket.once('connect', () => resolve(connection));
    });
  }

  /**
   * Sends one request, as `getRequest` or `requestOf` made it, and what is to follow it, and gives the status when all
   * of the answer is there. Rejects where the connection is closed before that.
   */
  exchange(request: Buffer, rest?: Iterable<Buffer>): Promise<number> {
    this.#answer = new AnswerReader();
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      if (this.#socket.destroyed) return reject(new Error('the connection was closed'));
      this.#socket.write(request);
      if (rest !== undefined) this.#sendOn(rest[Symbol.iterator]());
    });
  }

  /** Of the last exchange. */
  get answer(): Pick<AnswerReader, 'bodyBytes' | 'bodyBeganAt' | 'header'> {
    return this.#answer;
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #sendOn(rest: Iterator<Buffer>): void {
    for (let next = rest.next(); !next.done; next = rest.next()) {
      if (this.#socket.write(next.value)) continue;
      this.#socket.once('drain', () => this.#sendOn(rest));
      return;
    }
  }

  #receive(buffer: Uint8Array, length: number): boolean {
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, length);
    if (this.#answer.take(bytes)) this.#answered?.(this.#answer.status);
    return true;
  }
}

export function getRequest(path: string): Buffer {
  return requestOf('GET', path);
}

export function postRequest(path: string, body: string): Buffer {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return Buffer.concat([requestOf('POST', path, headers), Buffer.from(body)]);
}

/** The head of a request. */
export function requestOf(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | number>> = {},
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('')}\r\n`);
}
