import type { IncomingMessage } from 'node:http';
import type { ErrorCode } from '@bhiv/contracts';
import { RequestError } from '../errors.ts';

/**
 * The value of a query parameter; undefined where it is not given, the empty string where it is given empty.
 * Throws RequestError with `code` where it is given more than once: nobody could say which one is meant.
 */
export function queryParameter(
  request: IncomingMessage,
  name: string,
  code: ErrorCode = 'invalid_parameter',
): string | undefined {
  const [, query = ''] = /\?(.*)$/s.exec(request.url ?? '') ?? [];
  const values = new URLSearchParams(query).getAll(name);
  if (values.length > 1) {
    const message = `The parameter ${name} is given ${values.length} times: give it once.`;
    throw new RequestError(code, message, { field: name, values: values.length });
  }
  return values[0];
}
