import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One event that reached the well Bucket; `at` is in ms since 1970. */
export interface Arrival {
  readonly at: number;
  readonly event: Record<string, unknown>;
}

/**
 * The smallest Bucket that speaks v1.0: it answers writes and reads as CONTRACT A1 and A2 say, and
 * remembers what came. It has no port of its own: a fault server hands it connections once it is healed.
 */
export class WellBucket {
  readonly arrivals: Arrival[] = [];
  readonly #onArrival: (arrival: Arrival) => void;
  readonly #http: Server;

  constructor(onArrival: (arrival: Arrival) => void = () => {}) {
    this.#onArrival = onArrival;
    this.#http = createServer((request, response) => this.#answer(request, response));
  }

  /** Serves HTTP on a connection that something else accepted. */
  accept(socket: Socket): void {
    this.#http.emit('connection', socket);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://127.0.0.1');
      const route = `${request.method} ${url.pathname}`;
      if (route === 'POST /core/write-event') this.#write(Buffer.concat(chunks), response);
      else if (route === 'GET /core/read-context') this.#read(url.searchParams.get('agent_id'), response);
      else sendJson(response, 404, { error: { code: 'not_found', message: route, details: {} } });
    });
  }

  #write(body: Buffer, response: ServerResponse): void {
    const { event_data: event } = JSON.parse(body.toString());
    const arrival = { at: Date.now(), event };
    this.arrivals.push(arrival);
    this.#onArrival(arrival);
    sendJson(response, 200, { success: true, message: 'Event received' });
  }

  #read(agentId: string | null, response: ServerResponse): void {
    const events = this.arrivals.map(({ event }) => event).filter((event) => event.agent_id === agentId);
    const newest = events.at(-1);
    const context = newest && {
      agent_id: agentId,
      event_count: events.length,
      last_updated: newest.timestamp,
      recent_event_types: [...new Set(events.slice(-10).map((event) => event.event_type))],
    };
    sendJson(response, 200, { success: true, context: context ?? null });
  }
}

/** Answers with a JSON body and its length. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
