import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limits } from '../limits.ts';
import { hasUnreadBody } from './request.ts';

export type Answer = {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What every answer carries. */
export const commonHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
} as const;

export function setCommonHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
}

/** Answers with JSON. To HEAD, Node sends the headers alone. */
export function answerJson(response: ServerResponse, { status, body, headers = {} }: Answer): void {
  response.end(writeHead(response, { status, body, headers }));
}

/**
 * Answers although the body may not have been read to its end: reads on and throws away for a bounded while, then
 * closes. Closing at once would reset the connection of a client that is still sending, and it would never see the
 * answer.
 */
export function answerEarly(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers = {} }: Answer,
  { discardMs, discardBytes }: Pick<Limits, 'discardMs' | 'discardBytes'>,
): void {
  if (!hasUnreadBody(request)) {
    answerJson(response, { status, body, headers });
    return;
  }
  const text = writeHead(response, { status, body, headers: { ...headers, Connection: 'close' } });
  response.write(text);
  discard(request, { discardMs, discardBytes }, () => response.end());
}

function writeHead(response: ServerResponse, { status, body, headers }: Required<Answer>): string {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  return text;
}

/** Reads and throws away until the body ends, the client goes, or a bound is met; then calls `done`, once. */
function discard(
  request: IncomingMessage,
  { discardMs, discardBytes }: Pick<Limits, 'discardMs' | 'discardBytes'>,
  done: () => void,
): void {
  let bytes = 0;
  const stop = () => {
    clearTimeout(timer);
    request.off('data', onData).off('end', stop).off('close', stop);
    done();
  };
  const onData = (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > discardBytes) stop();
  };
  const timer = setTimeout(stop, discardMs);
  request.on('data', onData).on('end', stop).on('close', stop);
}
