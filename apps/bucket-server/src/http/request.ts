import type { IncomingMessage } from 'node:http';

/** The path of a request as it came, without its query. */
export function pathOf(request: IncomingMessage): string {
  const [path = ''] = (request.url ?? '').split('?', 1);
  return path;
}

/** The Content-Length of a request in bytes; undefined where the body is chunked or there is none. */
export function declaredLength(request: IncomingMessage): number | undefined {
  const header = request.headers['content-length'];
  return header === undefined ? undefined : Number(header);
}

/** True where the request has a body that has not been read to its end. */
export function hasUnreadBody(request: IncomingMessage): boolean {
  const hasBody = request.headers['transfer-encoding'] !== undefined || (declaredLength(request) ?? 0) > 0;
  return hasBody && !request.complete;
}

/** True where the client waits for a word before it sends its body (`Expect: 100-continue`). */
export function waitsForContinue(request: IncomingMessage): boolean {
  return request.headers.expect?.toLowerCase() === '100-continue';
}

/** The trace id of a W3C traceparent header, for the log; undefined where there is none or it is malformed. */
export function traceId(request: IncomingMessage): string | undefined {
  const header = request.headers.traceparent;
  if (typeof header !== 'string') return undefined;
  const [, version, id] = /^([0-9a-f]{2})-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/.exec(header) ?? [];
  return version === 'ff' || id === '0'.repeat(32) ? undefined : id;
}
