import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');
/** Where the status stands in `HTTP/1.1 200 OK`. */
const STATUS_AT = 9;

/**
 * One keep-alive HTTP connection with one request on its way at a time. It knows just enough of HTTP for a Bucket's
 * answers, so that the load generator costs little of the machine that it shares with what it loads.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer | undefined;
  #answered: ((status: number) => void) | undefined;
  #failed: ((error: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    const broken = (error?: Error) => this.#failed?.(error ?? new Error('the connection was closed'));
    socket.on('error', broken).on('close', () => broken());
  }

  static open(url: string): Promise<Connection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Connection(socket.off('error', reject))));
    });
  }

  /** Sends one request, as `getRequest` or `postRequest` made it, and gives the status when all of the answer is there. */
  exchange(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk]);
    if (!isWhole(bytes)) {
      this.#received = bytes;
      return;
    }
    this.#received = undefined;
    this.#answered?.(Number(bytes.toString('latin1', STATUS_AT, STATUS_AT + 3)));
  }
}

export function getRequest(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
}

export function postRequest(path: string, body: string): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n`;
  return Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Whether an answer has come to its end, by its Content-Length or by its last chunk. */
function isWhole(bytes: Buffer): boolean {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return false;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) return bytes.length >= headEnd + HEAD_END.length + Number(length);
  return bytes.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
}
