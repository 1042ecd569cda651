import type { IncomingMessage } from 'node:http';
import { RequestError } from '../errors.ts';
import { shorten } from '../shorten.ts';
import { waitsForContinue } from './request.ts';

/**
 * Refuses (400 `invalid_header`) what Node would otherwise refuse with an empty answer: an HTTP/1.1 request without
 * Host or with more than one, and an Expect that is not 100-continue.
 */
export function checkHead(request: IncomingMessage): void {
  const { host, expect } = request.headers;
  if (host === undefined && request.httpVersion === '1.1') {
    const message = 'The Host header is missing, which HTTP/1.1 wants: send it.';
    throw new RequestError('invalid_header', message, { field: 'Host', value: 'missing' });
  }
  if (countHosts(request) > 1) {
    throw new RequestError('invalid_header', 'The Host header is given more than once: send it once.', {
      field: 'Host',
      value: 'more than one',
    });
  }
  if (expect !== undefined && !waitsForContinue(request)) {
    const value = shorten(JSON.stringify(expect));
    const message = `The Expect header is ${value}, which Bucket cannot meet: send 100-continue, or leave it out.`;
    throw new RequestError('invalid_header', message, { field: 'Expect', value });
  }
}

/** Node keeps the first one and forgets the others, which a gateway in front may have looked at. */
function countHosts({ rawHeaders }: IncomingMessage): number {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts;
}
