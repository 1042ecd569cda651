import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { RequestError } from '../errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { shorten } from '../shorten.ts';
import { Connections } from './connections.ts';

/** Longer than a client keeps a free socket, so that it is the client that closes and no request meets a closed one. */
const KEEP_ALIVE_MS = 65_000;

/** While it drains, a connection may make the one request that is on its way already for this long. */
const LAST_REQUEST_MS = 200;

export type HttpServer = {
  /** Resolves with the address; rejects with the error of the operating system (EADDRINUSE, EACCES ...). */
  listen(port: number, host: string): Promise<AddressInfo>;
  /**
   * Stops accepting connections and resolves when the last one is gone: requests in flight, and those that are on their
   * way, are answered with `Connection: close`. What is not finished after `withinMs` is cut off.
   */
  drain(withinMs: number): Promise<void>;
};

/**
 * A server for `handle`, with the timeouts and the way of stopping that Bucket wants. Starts nothing.
 * Headers have a deadline here; bodies have one of their own, in the route that reads them.
 */
export function createHttpServer(
  handle: RequestListener,
  { headersDeadlineMs }: Pick<Limits, 'headersDeadlineMs'> = DEFAULT_LIMITS,
): HttpServer {
  const connections = new Connections();
  let isDraining = false;

  const track: RequestListener = (request, response) => {
    connections.take(request.socket, response, () => {
      if (isDraining) response.setHeader('Connection', 'close');
      handle(request, response);
    });
  };

  // requestTimeout is server-wide and would one day cut off a long upload: each route has a deadline of its own.
  const options = { requestTimeout: 0, headersTimeout: headersDeadlineMs, keepAliveTimeout: KEEP_ALIVE_MS };
  // What Node would refuse by itself, with an empty answer, goes to `handle`, which refuses it in the form of errors.
  const untouched = { requireHostHeader: false };
  const server = createServer({ ...options, ...untouched, connectionsCheckingInterval: 1000 }, track);
  // A client that has sent its last request may close its half of the connection and still read the answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('checkContinue', track);
  server.on('checkExpectation', track);
  server.on('connect', ({ url = '' }, socket) => {
    socket.on('error', () => socket.destroy());
    answerMalformed(socket as Socket, connections, noTunnel(url));
  });
  server.on('connection', (socket) => connections.add(socket));
  // The sockets of a server that listens on TCP are plain ones.
  server.on('clientError', (error: NodeJS.ErrnoException, duplex) => {
    const socket = duplex as Socket;
    const isInBody = connections.answering(socket)?.req.complete === false;
    const endedEarly = error.code === 'HPE_INVALID_EOF_STATE' && isInBody;
    const refusal = endedEarly ? incomplete() : malformedRequest(error, headersDeadlineMs);
    const answer = () => answerMalformed(socket, connections, refusal);
    // Whole requests that came before are answered first.
    if (isInBody) answer();
    else connections.after(socket, answer);
  });

  return {
    listen: (port, host) => listen(server, port, host),
    drain(withinMs) {
      isDraining = true;
      for (const socket of connections.sockets) {
        const response = connections.answering(socket);
        if (response?.headersSent === false) response.setHeader('Connection', 'close');
      }
      return closeServer(server, connections, withinMs);
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo); // a server that listens on a TCP port has one
    });
  });
}

function closeServer(server: Server, connections: Connections, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const idleFrom = performance.now() + LAST_REQUEST_MS;
    const sweep = setInterval(() => {
      if (performance.now() < idleFrom) return;
      // A connection that has never said anything does not count as idle for Node.
      server.closeIdleConnections();
      for (const socket of connections.sockets) if (socket.bytesRead === 0) socket.destroy();
    }, 50);
    const cutOff = setTimeout(() => server.closeAllConnections(), withinMs);
    // The close() of an HTTP server would destroy idle connections at once, and with them what is on its way to them.
    NetServer.prototype.close.call(server, () => {
      clearInterval(sweep);
      clearTimeout(cutOff);
      resolve();
    });
  });
}

/** Answers what the HTTP parser could not make a request of, then closes. */
function answerMalformed(socket: Socket, connections: Connections, { status, body }: RequestError): void {
  const hasBegun = connections.answering(socket)?.headersSent === true;
  if (!socket.writable || hasBegun) {
    socket.destroy();
    return;
  }
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}

function noTunnel(target: string): RequestError {
  const message = `CONNECT is not possible (to ${shorten(target)}): Bucket is no proxy. Send GET, HEAD or POST.`;
  return new RequestError('method_not_allowed', message, { method: 'CONNECT' });
}

function incomplete(): RequestError {
  const message = 'The connection ended before the body did: send it again, whole. Nothing of it is stored.';
  return new RequestError('incomplete_body', message);
}

function malformedRequest(error: NodeJS.ErrnoException, headersDeadlineMs: number): RequestError {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const message = `The headers of the request were not complete after ${headersDeadlineMs} ms: send them faster.`;
    return new RequestError('request_timeout', message, { deadline_ms: headersDeadlineMs });
  }
  const message = `This is not an HTTP request that Bucket can read (${error.message}): check its headers and its framing.`;
  return new RequestError('invalid_header', message, { reason: error.code });
}
