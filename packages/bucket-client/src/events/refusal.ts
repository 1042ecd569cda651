import type { RefusalReason } from '../reasons.ts';

/** A refusal that is worded only if somebody listens: most are not heard, and a refused call must cost nothing. */
export type LazyRefusal = { readonly reason: RefusalReason; readonly explain: () => string };

const EXPLANATIONS: Record<RefusalReason, string> = {
  queue_overflow: 'the queue is full: Bucket takes events more slowly than Core writes them; see queueBytes',
  too_large: 'the event is over maxEventBytes: write what is large as an artifact',
  unserializable:
    'no JSON can be made of the event: it is circular, holds a BigInt, or a getter of it throws',
  invalid: 'the event is not valid',
  breaker_open: 'Bucket does not answer; it is tried again once a second',
  closed: 'the client is closed: write before close()',
  disabled: 'the client is disabled, by enabled: false or by a bad option; see client.problem',
};

const REFUSALS = Object.fromEntries(
  Object.entries(EXPLANATIONS).map(([reason, text]) => [reason, { reason, explain: () => text }]),
) as Record<RefusalReason, LazyRefusal>; // the same keys as EXPLANATIONS

/** The refusal for a reason that needs no detail. Always the same object: refusing allocates nothing. */
export function refuse(reason: RefusalReason): LazyRefusal {
  return REFUSALS[reason];
}

/** What an exception from the caller's own values means. V8 has no code for a string that grew too long. */
export function whatThrew(error: unknown): LazyRefusal {
  try {
    if (error instanceof RangeError && error.message === 'Invalid string length') return refuse('too_large');
  } catch {
    // a thrown Proxy that does not even let itself be looked at
  }
  return refuse('unserializable');
}

export function invalid(field: string, found: unknown, remedy: string): LazyRefusal {
  return { reason: 'invalid', explain: () => `event.${field} is ${render(found)}: ${remedy}` };
}

/** A value in a few words. It never throws, whatever it is given. */
function render(value: unknown): string {
  try {
    if (typeof value === 'string') return `"${value.length > 80 ? `${value.slice(0, 77)}...` : value}"`;
    if (typeof value === 'function') return 'a function';
    if (Array.isArray(value)) return `an array of ${value.length}`;
    if (typeof value === 'object' && value !== null) return 'an object';
    return String(value);
  } catch {
    return 'a value that cannot be shown';
  }
}
