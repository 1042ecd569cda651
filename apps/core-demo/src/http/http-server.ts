import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { CoreError, errorBody, STATUS_OF } from '../errors.ts';

/** A request must be complete, headers and body, after this long (ms). */
const REQUEST_DEADLINE_MS = 10_000;

/**
 * A server for `handle` whose every answer to a faulty request is `{"error": {...}}`: also to what is no HTTP
 * (400), has headers over 16 KiB (431), is not complete after the deadline (408) or wants an unknown expectation
 * (417). Listens on nothing yet.
 */
export function createHttpServer(handle: RequestListener, deadlineMs = REQUEST_DEADLINE_MS): Server {
  const timeouts = { requestTimeout: deadlineMs, headersTimeout: deadlineMs };
  // A missing Host is left to the application, which answers it with a body.
  const options = {
    ...timeouts,
    connectionsCheckingInterval: Math.min(1000, deadlineMs),
    requireHostHeader: false,
  };
  const server = createServer(options, handle);
  server.on('checkExpectation', (request, response) => {
    const { expect } = request.headers;
    const error = new CoreError(
      'expectation_failed',
      `Expect: ${expect} is not known here; leave the header out or send 100-continue`,
    );
    response.writeHead(STATUS_OF[error.code], { 'Content-Type': JSON_TYPE, Connection: 'close' });
    response.end(JSON.stringify(errorBody(error)));
  });
  server.on('clientError', (error, socket) => answerMalformed(socket, malformed(error, deadlineMs)));
  return server;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** Answers what the HTTP parser could not make a request of, then closes. */
function answerMalformed(socket: Duplex, error: CoreError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_OF[error.code];
  const text = JSON.stringify(errorBody(error));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}

function malformed(error: NodeJS.ErrnoException, deadlineMs: number): CoreError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new CoreError(
        'request_timeout',
        `The request was not complete after ${deadlineMs} ms; send it faster`,
        {
          deadline_ms: deadlineMs,
        },
      );
    case 'HPE_HEADER_OVERFLOW':
      return new CoreError(
        'headers_too_large',
        'The headers have more than 16 KiB; send fewer or shorter ones',
      );
    default:
      return new CoreError(
        'invalid_request',
        `This is not an HTTP request that Core can read (${error.message}); check its headers and its framing`,
        { reason: error.code },
      );
  }
}
