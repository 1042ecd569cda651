import { ERROR_STATUS, type ErrorCode } from '@bhiv/contracts';

/** When each error code is given. The compiler sees to it that none is left out. */
const WHEN: Readonly<Record<ErrorCode, string>> = {
  invalid_json: 'the body is not JSON (`NaN` is not), or not UTF-8',
  invalid_envelope: 'the body is not an object with a string `requester_id` and an object `event_data`',
  requester_not_allowed: '`requester_id` is not `bhiv_core`',
  invalid_event: '`event_data` breaks a rule of its row in the table of events',
  missing_parameter: 'a query parameter that is required is not there',
  invalid_limit: '`limit` is not an integer from 1 to 1000',
  invalid_parameter: 'another query parameter has a value that it cannot have',
  host_not_allowed: 'the `Host` or `Origin` of the request is not one that this Bucket answers to',
  not_found: 'there is no such route',
  method_not_allowed: 'the route does not know this method',
  request_timeout: 'the body did not come in time',
  body_too_large: 'the event is over the limit, which `details.limit_bytes` names',
  unsupported_encoding: 'the body is compressed or in another character set',
  overloaded: 'too much is waiting already; the event is not stored',
  engine_unavailable: 'the engine behind Bucket did not do it within 2 s',
  shutting_down: 'Bucket is stopping and takes nothing more',
  disk_full: 'the disk of the engine is full; nothing half-written stays',
  internal_error: 'a fault of Bucket itself',
  missing_header: 'a header that an upload needs is not there',
  invalid_header: 'a header of an upload breaks its rule',
  invalid_name: 'a bucket_id, artifact_id or version breaks the rules of names',
  digest_mismatch: 'the bytes that came do not have the digest of the header; `details` has both',
  incomplete_body: 'the body ended early',
  version_exists:
    'the version is stored already; `details` has its digest and whether it is identical to the one sent',
  artifact_too_large: 'the artifact is over the limit, which `details.limit_bytes` names',
  artifact_not_found: 'there is no such artifact or version',
  digest_precondition_failed: 'the stored digest is not the one asked for; `details` has both',
  range_not_satisfiable: 'the range lies outside of the artifact',
  artifact_corrupt: 'the stored bytes are known to be wrong',
};

/** The error codes as rows of a table, in the order of their HTTP status. */
export function errorRows(): string[][] {
  return Object.entries(ERROR_STATUS)
    .sort(([, one], [, other]) => one - other)
    .map(([code, status]) => [String(status), `\`${code}\``, when(code)]);
}

function when(code: string): string {
  // The keys of ERROR_STATUS are the error codes; Object.entries forgets that.
  return WHEN[code as ErrorCode];
}
