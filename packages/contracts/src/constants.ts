/** The one requester that Bucket knows. Anything else is answered 403 (CONTRACT A1, A2). */
export const REQUESTER_ID = 'bhiv_core';

/** The version of the contract that this package describes. */
export const CONTRACT_VERSION = '1.0';

/** What a Bucket of this contract says as `bucket_version` in GET /health (CONTRACT A5). */
export const BUCKET_VERSION = '1.0.0';

/** The TCP ports that the services use unless told otherwise. */
export const DEFAULT_PORTS = { karma: 8000, bucket: 8001, core: 8002 } as const;
