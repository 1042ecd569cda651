import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';

export type Reply = { status: number; headers: IncomingHttpHeaders; bytes: Buffer; text: string };

export type Sending = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

/** One request on a connection of its own. */
export function send(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: Sending = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers, agent: false },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(pieces);
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers, bytes, text: bytes.toString() });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** The parsed JSON of an answer. */
export async function sendJson(port: number, path: string, sending: Sending = {}) {
  const { status, headers, text } = await send(port, path, sending);
  return { status, headers, body: JSON.parse(text) };
}

/** Writes a body to the event route. */
export function post(port: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  return sendJson(port, '/core/write-event', { method: 'POST', body, headers });
}

/** Writes an event, given as the text of event_data. */
export function postEvent(port: number, eventText: string) {
  return post(port, `{"requester_id":"bhiv_core","event_data":${eventText}}`);
}

/** A plain connection: what it sends is written by hand, what comes is collected until the other end closes. */
export class RawConnection {
  readonly socket: Socket;
  readonly #closed: Promise<void>;
  received = '';
  error: NodeJS.ErrnoException | undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.received += text;
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.#closed = new Promise((resolve) => {
      this.socket.on('end', () => this.socket.end());
      this.socket.on('close', () => resolve());
    });
  }

  write(text: string | Buffer): this {
    this.socket.write(text);
    return this;
  }

  /** Resolves with everything that came when the connection is gone. */
  async closed(): Promise<string> {
    await this.#closed;
    return this.received;
  }

  /** Resolves when `text` has come; rejects when the connection ends without it. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.socket.destroyed) throw new Error(`the connection ended without ${text}: ${this.received}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.received;
  }
}
