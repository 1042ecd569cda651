import type { EventRecord } from '../event-store/event-store.ts';
import { findMembers } from '../json/members.ts';

/**
 * The JSON text in which /core/events shows an event: `{"timestamp", "requester_id", ...event_data}` (CONTRACT A3).
 *
 * event_data stands in it character for character, so numbers, escapes and the order of keys are the producer's. Our
 * timestamp and requester_id come first, each only where event_data has no key of that name: its own wins, as in a
 * spread. A timestamp that is null counts as not there (CONTRACT A1): the stamped one takes the place of that null, so
 * that we never make a key double.
 */
export function showEvent({ text, timestamp, requesterId }: EventRecord): string {
  const members = findMembers(text, ['timestamp', 'requester_id']);
  const ownTimestamp = members.get('timestamp');
  const stamped = JSON.stringify(timestamp);

  let front = '{';
  if (ownTimestamp === undefined) front += `"timestamp":${stamped},`;
  if (!members.has('requester_id')) front += `"requester_id":${JSON.stringify(requesterId)},`;

  // event_data is an object with an event_type at least, so the comma in front of the rest is right.
  if (ownTimestamp === undefined || text.slice(ownTimestamp.start, ownTimestamp.end) !== 'null') {
    return front + text.slice(1);
  }
  return front + text.slice(1, ownTimestamp.start) + stamped + text.slice(ownTimestamp.end);
}
