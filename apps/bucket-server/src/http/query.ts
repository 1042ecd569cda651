import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '@bhiv/contracts';
import { RequestError } from '../errors.ts';
import { shorten } from '../shorten.ts';

/**
 * The value of a query parameter; undefined where it is not given, the empty string where it is given empty.
 * Throws RequestError with `code` where it is given more than once, or is not percent-encoded UTF-8: nobody could say
 * which value is meant.
 */
export function queryParameter(
  request: IncomingMessage,
  name: string,
  code: ErrorCode = 'invalid_parameter',
): string | undefined {
  const [, query = ''] = /\?(.*)$/s.exec(request.url ?? '') ?? [];
  const values = query
    .split('&')
    .map((pair) => /^([^=]*)=?(.*)$/s.exec(pair) ?? [])
    .filter(([, key = '']) => decode(key) === name)
    .map(([, , value = '']) => value);
  if (values.length > 1) {
    const message = `The parameter ${name} is given ${values.length} times: give it once.`;
    throw new RequestError(code, message, { field: name, values: values.length });
  }
  const [encoded] = values;
  if (encoded === undefined) return undefined;
  const value = decode(encoded);
  if (value !== undefined) return value;
  const shown = shorten(JSON.stringify(encoded));
  const message = `The parameter ${name} is ${shown}, which is not percent-encoded UTF-8: encode it as encodeURIComponent does.`;
  throw new RequestError(code, message, { field: name, value: shown });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What a name or value of a query stands for; undefined where it is malformed. Plus is a blank. */
function decode(encoded: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  const bytes = encoded
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  try {
    return UTF8.decode(Buffer.from(bytes, 'latin1')); // Node gives the bytes of a request target as Latin-1
  } catch {
    return undefined;
  }
}
