import type { IncomingMessage } from 'node:http';
import type { ArtifactMetadata } from '@bhiv/contracts';
import { RequestError } from '../../errors.ts';
import { entityTags, hasStrongly, hasWeakly } from '../../http/entity-tags.ts';
import { parseRange } from '../../http/range.ts';
import { shorten } from '../../shorten.ts';
import { entityTag } from './artifact-headers.ts';

const DIGEST_TAG = /^(?:W\/)?"(sha256:[0-9a-f]{64})"$/;

/** Refuses (412) a download that wants another digest than the stored one, in the query or by If-Match. */
export function mustMatch(
  { headers }: IncomingMessage,
  wanted: string | undefined,
  metadata: ArtifactMetadata,
): void {
  if (wanted !== undefined && wanted !== metadata.digest) throw preconditionFailed(wanted, metadata);
  const ifMatch = headers['if-match'];
  if (ifMatch === undefined) return;
  const tags = entityTags(ifMatch);
  if (hasStrongly(tags, entityTag(metadata))) return;
  const [digest] = [...tags].flatMap((tag) => DIGEST_TAG.exec(tag)?.[1] ?? []);
  if (digest !== undefined) throw preconditionFailed(digest, metadata);
  const value = shorten(JSON.stringify(ifMatch));
  const message = `The If-Match header is ${value}, which no artifact can have: the tag of this one is ${entityTag(metadata)}.`;
  throw new RequestError('invalid_header', message, { field: 'If-Match', value });
}

/** Whether the client has these bytes already (If-None-Match): then the answer is 304. */
export function isKnown({ headers }: IncomingMessage, metadata: ArtifactMetadata): boolean {
  const ifNoneMatch = headers['if-none-match'];
  return ifNoneMatch !== undefined && hasWeakly(entityTags(ifNoneMatch), entityTag(metadata));
}

/**
 * The range that is to be sent; undefined for the whole. Only GET has ranges, and with If-Range only where it names
 * exactly these bytes. Throws RequestError `range_not_satisfiable`.
 */
export function wantedRange({ method, headers }: IncomingMessage, metadata: ArtifactMetadata) {
  if (method !== 'GET' || headers.range === undefined) return undefined;
  const ifRange = headers['if-range'];
  if (ifRange !== undefined && String(ifRange).trim() !== entityTag(metadata)) return undefined;
  const size = metadata.size_bytes;
  const range = parseRange(headers.range, size);
  if (range !== 'unsatisfiable') return range;
  const value = shorten(JSON.stringify(headers.range));
  const message = `The Range header is ${value}, which lies outside of the ${size} bytes of this artifact: ask for less.`;
  throw new RequestError(
    'range_not_satisfiable',
    message,
    { field: 'Range', value, size_bytes: size },
    { 'Content-Range': `bytes */${size}` },
  );
}

function preconditionFailed(expected: string, { version, digest: found }: ArtifactMetadata): RequestError {
  const message =
    expected === found
      ? `${JSON.stringify(version)} is stored with digest ${found}, but If-Match does not take weak tags: leave out the W/.`
      : `${JSON.stringify(version)} is stored with digest ${found}, not ${expected}: correct the reference.`;
  return new RequestError('digest_precondition_failed', message, { expected, found });
}
