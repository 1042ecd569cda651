import express, { type Request, type RequestHandler } from 'express';
import { CoreError } from '../errors.ts';

/** Reads a body of at most `limit` bytes. Any content type will do; a content encoding will not (415). */
export function readBody(limit: number): RequestHandler {
  return express.raw({ limit, inflate: false, type: () => true });
}

/**
 * The JSON that `readBody` read; a request without a body is `{}`. Throws `CoreError` `unsupported_encoding` where
 * another charset than UTF-8 is declared, `invalid_json` for what is no UTF-8 or no JSON.
 */
export function jsonOf({ body, headers }: Request): unknown {
  const charset = /charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw new CoreError('unsupported_encoding', `The body is declared as ${charset}; send UTF-8`);
  }
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  const text = utf8(body);
  try {
    return JSON.parse(text);
  } catch {
    throw new CoreError('invalid_json', 'The body is not JSON; send {"input": "..."} as application/json');
  }
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CoreError('invalid_json', 'The body is not UTF-8; send JSON in UTF-8');
  }
}
