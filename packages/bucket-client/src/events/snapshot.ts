import { wallClockAt } from '../shared/clock.ts';
import {
  checkAgentResult,
  checkGeneric,
  checkRlOutcome,
  checkTaskError,
  type Fields,
  plainObject,
  withoutToJson,
} from './checks.ts';
import { invalid, type LazyRefusal } from './refusal.ts';

/** The pattern of the schema timestamp.json. */
const ISO_8601 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?(?!\n)$/;

/** The event's JSON, which is a plain string where it still lacks its timestamp: that is the common case. */
export type EventJson = string | { readonly withTimestamp: string };

/**
 * Makes the JSON of one event: valid by the producer schema (CONTRACT A1) and independent of everything the caller
 * holds. A timestamp that is missing is left to whoever sends it (see RingReader): adding one to the object would
 * cost more than all the checks.
 *
 * Each object whose fields the contract names is copied before it is checked, so that a getter or a Proxy cannot
 * show the check one value and JSON.stringify another. Throws whatever the event's own code throws.
 */
export function snapshot(event: unknown, now: number, maxBytes: number): EventJson | LazyRefusal {
  const source = plainObject(event);
  if (source === undefined) return invalid('', event, 'give an object with at least an event_type');
  return snapshotOwn(withoutToJson({ ...source }), now, maxBytes);
}

/** The same for an object that nobody else holds: its fields are plain data, and it may be changed. */
export function snapshotOwn(event: Fields, now: number, maxBytes: number): EventJson | LazyRefusal {
  const refusal = check(event, maxBytes);
  if (refusal !== undefined) return refusal;
  const { timestamp } = event;
  if (timestamp === undefined && !('timestamp' in event)) return JSON.stringify(event);
  return checkTimestamp(event, timestamp, now) ?? { withTimestamp: JSON.stringify(event) };
}

function check(event: Fields, maxBytes: number): LazyRefusal | undefined {
  const type = event.event_type;
  if (type === 'agent_result') return checkAgentResult(event, maxBytes);
  if (type === 'rl_outcome') return checkRlOutcome(event, maxBytes);
  if (type === 'task_error') return checkTaskError(event, maxBytes);
  if (typeof type === 'string') return checkGeneric(event, maxBytes);
  return invalid('event_type', type, 'give a string, such as "agent_result"');
}

function checkTimestamp(event: Fields, given: unknown, now: number): LazyRefusal | undefined {
  if (given === undefined || given === null) event.timestamp = new Date(wallClockAt(now)).toISOString();
  else if (typeof given === 'object' && given instanceof Date) event.timestamp = given.toISOString();
  else if (typeof given !== 'string' || !ISO_8601.test(given)) {
    return invalid(
      'timestamp',
      given,
      'give ISO 8601 such as 2026-01-29T10:30:00.000Z, a Date, or leave it out',
    );
  }
  return undefined;
}
