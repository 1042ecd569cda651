import { REQUESTER_ID } from '@bhiv/contracts';
import type { RingRecord } from './ring.ts';

const HEAD = Buffer.from(`{"requester_id":"${REQUESTER_ID}","event_data":`);
const STAMPED_HEAD = Buffer.from(
  `{"requester_id":"${REQUESTER_ID}","event_data":{"timestamp":"2026-01-01T00:00:00.000Z",`,
);
const TIME_AT = STAMPED_HEAD.length - 26;
const CLOSING_BRACE = 0x7d;

/** The most that an envelope adds to its event's JSON. */
export const ENVELOPE_BYTES = STAMPED_HEAD.length;

/** The request body of CONTRACT A1 around an event, with `timestamp` (ms since 1970) where it has none of its own. */
export function envelope({ json, hasTimestamp }: RingRecord, timestamp: number): Buffer {
  const head = hasTimestamp ? HEAD : STAMPED_HEAD;
  const rest = hasTimestamp ? json : json.subarray(1); // behind the brace that the head has already
  const body = Buffer.allocUnsafe(head.length + rest.length + 1);
  head.copy(body);
  if (!hasTimestamp) body.write(new Date(timestamp).toISOString(), TIME_AT, 'latin1');
  rest.copy(body, head.length);
  body[body.length - 1] = CLOSING_BRACE;
  return body;
}
