import { isAscii } from 'node:buffer';
import { type EventData, REQUESTER_ID } from '@bhiv/contracts';
import { checkAcceptedEvent, checkEnvelope, type Problem } from '@bhiv/contracts/validators';
import { RequestError } from '../errors.ts';
import type { EventRecord } from '../event-store/event-store.ts';
import { requireRequester } from '../http/requester.ts';
import { findMembers } from '../json/members.ts';

/** How many problems of one event an answer lists. */
const MAX_PROBLEMS = 20;

type Envelope = { readonly requester_id: string; readonly event_data: unknown };

/**
 * Turns the body of a write into the record that is stored, or throws RequestError, in the order of CONTRACT A1:
 * `invalid_json`, `invalid_envelope`, `requester_not_allowed`, `invalid_event`.
 */
export function acceptEvent(body: Buffer, receivedAt: Date): EventRecord {
  const text = decodeUtf8(body);
  const envelope = parseEnvelope(text);
  requireRequester(envelope.requester_id, 'requester_id');
  const event = parseEvent(envelope.event_data);
  const received = receivedAt.toISOString();
  return {
    receivedAt: received,
    requesterId: REQUESTER_ID,
    agentId: typeof event.agent_id === 'string' ? event.agent_id : null,
    eventType: event.event_type,
    timestamp: typeof event.timestamp === 'string' ? event.timestamp : received,
    text: textOfEventData(text),
  };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(body: Buffer): string {
  try {
    // Text that is ASCII alone, as most events are, needs no decoder.
    return isAscii(body) ? body.toString('latin1') : UTF8.decode(body);
  } catch {
    throw new RequestError('invalid_json', 'The body is not UTF-8: encode the JSON text as UTF-8.');
  }
}

function parseEnvelope(text: string): Envelope {
  const value = parseJson(text);
  const problems = checkEnvelope(value);
  if (problems.length > 0) throw refusal('invalid_envelope', problems);
  return value as Envelope; // what checkEnvelope has just found
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : String(error);
    const found = text.trim() === '' ? 'empty' : `not JSON (${reason})`;
    const advice =
      'send {"requester_id": "bhiv_core", "event_data": {"event_type": ...}}; NaN and Infinity are not JSON';
    throw new RequestError('invalid_json', `The body is ${found}: ${advice}.`, { reason });
  }
}

function parseEvent(value: unknown): EventData {
  const problems = checkAcceptedEvent(value);
  if (problems.length > 0) throw refusal('invalid_event', problems);
  return value as EventData; // what checkAcceptedEvent has just found
}

function refusal(code: 'invalid_envelope' | 'invalid_event', problems: readonly Problem[]): RequestError {
  const told = problems.slice(0, MAX_PROBLEMS);
  const message = told.map((problem) => problem.message).join(' ');
  return new RequestError(code, message, { field: told[0]?.field, value: told[0]?.value, problems: told });
}

function textOfEventData(envelopeText: string): string {
  const span = findMembers(envelopeText, ['event_data']).get('event_data');
  if (span === undefined) throw new Error('The envelope was found valid but its text has no event_data.');
  return envelopeText.slice(span.start, span.end);
}
