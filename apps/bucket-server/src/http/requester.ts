import { REQUESTER_ID } from '@bhiv/contracts';
import { RequestError } from '../errors.ts';
import { shorten } from '../shorten.ts';

/** Throws RequestError `requester_not_allowed` for anybody but bhiv_core (CONTRACT A1, A2). */
export function requireRequester(requesterId: string | undefined, field: string): void {
  if (requesterId === REQUESTER_ID) return;
  const value = requesterId === undefined ? 'missing' : shorten(JSON.stringify(requesterId));
  const message = `${field} is ${value} but only "${REQUESTER_ID}" may use Bucket: send ${field} "${REQUESTER_ID}".`;
  throw new RequestError('requester_not_allowed', message, { field, value });
}
