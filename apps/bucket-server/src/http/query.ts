import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '@bhiv/contracts';
import { RequestError } from '../errors.ts';
import { shorten } from '../shorten.ts';
import { decodePercent } from './decode-percent.ts';

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
  const values = pairs(request)
    .filter(([key]) => decode(key) === name)
    .map(([, value]) => value);
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

/**
 * Refuses (404 `not_found`) a query with a parameter that is none of `known`: an answer that ignores a filter, an order
 * or a page that was asked for would be an approximation (CONTRACT B4).
 */
export function refuseOtherParameters(request: IncomingMessage, known: readonly string[]): void {
  for (const [key] of pairs(request)) {
    const name = decode(key);
    if (name !== undefined && known.includes(name)) continue;
    const value = shorten(JSON.stringify(name ?? key));
    const use = known.length === 0 ? 'leave it out' : `use ${known.join(', ')}`;
    const message = `There is no parameter ${value} here: ${use}. Bucket has no search, no filter and no latest.`;
    throw new RequestError('not_found', message, { field: 'query', value });
  }
}

/** The names and values of the query, as they came. */
function pairs({ url = '' }: IncomingMessage): [string, string][] {
  const [, query = ''] = /\?(.*)$/s.exec(url) ?? [];
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
      return [key, value];
    });
}

/** Plus is a blank, as in forms. */
function decode(encoded: string): string | undefined {
  return decodePercent(encoded.replaceAll('+', ' '));
}
