import type { FailureReason } from '../reasons.ts';

/** What one exchange with Bucket came to. */
export type Outcome =
  | { readonly delivered: true; readonly body: Record<string, unknown> }
  | { readonly delivered: false; readonly reason: FailureReason; readonly status?: number };

export const failure = (reason: FailureReason, status?: number): Outcome =>
  status === undefined ? { delivered: false, reason } : { delivered: false, reason, status };

/** Statuses that say "not this event", not "not now": Bucket is well. */
const ABOUT_THE_EVENT = new Set([400, 403, 413]);

/** Does this outcome show a Bucket that is up? A circuit breaker opens only on those that do not. */
export function showsLife(outcome: Outcome): boolean {
  if (outcome.delivered || outcome.reason === 'rejected' || outcome.reason === 'headers') return true;
  return outcome.status !== undefined && ABOUT_THE_EVENT.has(outcome.status);
}

export function outcomeOfStatus(status: number): Outcome {
  if (status >= 500) return failure('http_5xx', status);
  if (status >= 400) return failure('http_4xx', status);
  return failure('http_3xx', status);
}

/** A 2xx counts as delivered only with `success: true`: a Bucket in the field answers 200 to what it could not store. */
export function outcomeOfBody(text: string, status: number): Outcome {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return failure('bad_response', status);
  }
  if (typeof body !== 'object' || body === null || !('success' in body))
    return failure('bad_response', status);
  if (body.success === true) return { delivered: true, body: { ...body } };
  return failure(body.success === false ? 'rejected' : 'bad_response', status);
}
