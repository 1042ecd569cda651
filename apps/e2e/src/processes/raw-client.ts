import { Agent, request } from 'node:http';

/** What came of one raw request. `status` is undefined where no whole answer came: nobody knows what was stored. */
export interface RawAnswer {
  readonly status: number | undefined;
  readonly text: string;
  /** The client's port of the connection: with it an answer is found again in a trace. */
  readonly localPort: number | undefined;
}

/** Speaks plain HTTP to a Bucket over one kept-alive connection, as an old Core does, without our client. */
export class RawClient {
  readonly #base: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(base: string) {
    this.#base = base;
  }

  /** Sends `body` as it is (a string) or as JSON. Never rejects: a broken connection is an answer without status. */
  send(method: string, path: string, body?: unknown): Promise<RawAnswer> {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((resolve) => {
      let localPort: number | undefined;
      const unknown = () => resolve({ status: undefined, text: '', localPort });
      const outgoing = request(`${this.#base}${path}`, {
        method,
        agent: this.#agent,
        headers: payload === undefined ? {} : { 'content-type': 'application/json' },
      });
      outgoing.on('socket', (socket) => {
        if (socket.connecting) socket.once('connect', () => (localPort = socket.localPort));
        else localPort = socket.localPort;
      });
      outgoing.on('error', unknown);
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', unknown);
        response.on('end', () =>
          resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString(), localPort }),
        );
      });
      outgoing.end(payload);
    });
  }

  /** Writes an event under the requester of CONTRACT A1. */
  write(event: Record<string, unknown>): Promise<RawAnswer> {
    return this.send('POST', '/core/write-event', { requester_id: 'bhiv_core', event_data: event });
  }

  get(path: string): Promise<RawAnswer> {
    return this.send('GET', path);
  }

  close(): void {
    this.#agent.destroy();
  }
}
