import { envelopeOf, freshAgentResult } from '../sample-events.ts';
import { postRequest } from './connection.ts';

/** Requests that write one event each, made in advance so that sending them costs next to nothing. */
export function writeRequests(count = 512): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    postRequest('/core/write-event', JSON.stringify(envelopeOf(freshAgentResult(i)))),
  );
}
