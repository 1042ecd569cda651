import { createServer, type RequestListener } from 'node:http';
import type { Fault } from './fault-server.ts';
import { sendJson } from './well-bucket.ts';

const GIB = 2 ** 30;

/** A fault on the level of HTTP: every request is read to its end and answered by `handler`. */
function httpFault(handler: RequestListener): Fault {
  const http = createServer((request, response) => {
    request.resume();
    request.on('end', () => handler(request, response));
  });
  return (socket) => {
    http.emit('connection', socket);
  };
}

/** Answers 500 with a page, as a crashed application behind a gateway does. */
export const serverError = httpFault((_request, response) => {
  response.writeHead(500, { 'content-type': 'text/html' });
  response.end('<h1>Internal Server Error</h1>');
});

/** Answers 404 in the shape of CONTRACT B. */
export const notFound = httpFault((_request, response) => {
  sendJson(response, 404, { error: { code: 'not_found', message: 'no such route', details: {} } });
});

/** Answers 200 with a page. */
export const notJson = httpFault((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<html><body>Welcome to the hotel network</body></html>');
});

/** Answers 200 with `success: false`, as a Bucket in the field does that could not store (CONTRACT A1). */
export const successFalse = httpFault((_request, response) => {
  sendJson(response, 200, { success: false, message: 'could not store' });
});

/** Sends every request on to `target`, with the status that keeps method and body (307). */
export const redirectTo = (target: string): Fault =>
  httpFault((request, response) => {
    response.writeHead(307, { location: `${target}${request.url}` });
    response.end();
  });

/**
 * Answers with 1 GiB of valid JSON, generated piece by piece as the client takes it; nothing here or on the
 * wire is wrong but the size.
 */
export const hugeAnswer = (framing: 'content-length' | 'chunked'): Fault =>
  httpFault((_request, response) => {
    const head = '{"success": true, "message": "Event received", "padding": "';
    const tail = '"}';
    const piece = Buffer.alloc(64 * 1024, 'x');
    let left = GIB - head.length - tail.length;
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(framing === 'content-length' && { 'content-length': GIB }),
    });
    response.write(head);
    const pump = () => {
      while (left > 0 && !response.destroyed) {
        const size = Math.min(left, piece.length);
        left -= size;
        if (!response.write(piece.subarray(0, size))) {
          response.once('drain', pump);
          return;
        }
      }
      response.end(tail);
    };
    pump();
  });
