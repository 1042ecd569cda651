/** Why a call was refused at once: nothing was queued. */
export const REFUSAL_REASONS = [
  'queue_overflow',
  'too_large',
  'unserializable',
  'invalid',
  'breaker_open',
  'closed',
  'disabled',
] as const;

/** Why an accepted event, or a read, did not reach Bucket. */
export const FAILURE_REASONS = [
  'timeout',
  'network',
  'http_3xx',
  'http_4xx',
  'http_5xx',
  'bad_response',
  'response_too_large',
  'rejected',
  'headers',
  'worker',
] as const;

/**
 * - `queue_overflow`: the queue is full; the newest event is the one refused.
 * - `too_large`: over `maxEventBytes`. - `unserializable`: no JSON can be made of it (circular, BigInt, a throwing
 *   getter). - `invalid`: the contract's producer schema forbids it. - `breaker_open`: Bucket is down and was
 *   tried less than a second ago. - `closed`: after `close()`. - `disabled`: by `enabled: false` or a bad option.
 */
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/**
 * - `timeout`: the deadline passed with the request on its way. - `network`: no connection, or it broke.
 * - `http_3xx`, `http_4xx`, `http_5xx`: Bucket's status. - `bad_response`: 2xx, but not the contract's answer.
 * - `response_too_large`: over 64 KiB. - `rejected`: 2xx with `success: false`. - `headers`: the `headers` option
 *   threw, or gave what HTTP does not take. - `worker`: the sender's thread died.
 */
export type FailureReason = (typeof FAILURE_REASONS)[number];
