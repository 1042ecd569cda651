import type { RequestHandler } from 'express';
import { CoreError } from '../errors.ts';

/** Answers 400 `invalid_request` where HTTP/1.1 asks for a Host header and there is none (RFC 9112, 3.2). */
export const requireHost: RequestHandler = (request, _response, next) => {
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    throw new CoreError('invalid_request', 'The request has no Host header; HTTP/1.1 needs one');
  }
  next();
};
