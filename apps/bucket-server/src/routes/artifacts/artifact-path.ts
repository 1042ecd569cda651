import type { IncomingMessage } from 'node:http';
import { checkArtifactName } from '@bhiv/contracts/validators';
import { RequestError } from '../../errors.ts';
import { decodePercent } from '../../http/decode-percent.ts';
import { shorten } from '../../shorten.ts';

/** Without groups: Express would decode what they hold, and answer what it cannot decode in its own way. */
export const ARTIFACT_PATH = /^\/v1\/[^/]+\/[^/]+$/;
export const VERSIONS_PATH = /^\/v1\/[^/]+\/[^/]+\/versions$/;

export type ArtifactNames = { readonly bucketId: string; readonly artifactId: string };

/**
 * The names in the path of `/v1/{bucket_id}/{artifact_id}` and of what lies below, decoded and within the rules of
 * CONTRACT B: they can stand in a file name. Throws RequestError `invalid_name`.
 * They are read from the request target itself: the path that Express matches has been trimmed and mended by then.
 */
export function artifactNames(request: IncomingMessage): ArtifactNames {
  const path = (request.url ?? '').replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '');
  const [, , bucketId, artifactId, below, ...rest] = path.split('/');
  const isKnown = below === undefined || (below === 'versions' && rest.length === 0);
  if (bucketId === undefined || artifactId === undefined || !isKnown) throw nothingAt(path);
  return { bucketId: nameIn('bucket_id', bucketId), artifactId: nameIn('artifact_id', artifactId) };
}

function nameIn(field: 'bucket_id' | 'artifact_id', encoded: string): string {
  const name = decodePercent(encoded);
  if (name === undefined) {
    const value = shorten(JSON.stringify(encoded));
    const message = `${field} is ${value}, which is not percent-encoded UTF-8: encode it as encodeURIComponent does.`;
    throw new RequestError('invalid_name', message, { field, value });
  }
  const [problem] = checkArtifactName(name);
  if (problem === undefined) return name;
  const message = `${field}${problem.message.slice(problem.field.length)}`;
  throw new RequestError('invalid_name', message, { field, value: problem.value });
}

function nothingAt(path: string): RequestError {
  const message = `There is nothing at ${shorten(path)}: artifacts are at /v1/{bucket_id}/{artifact_id}.`;
  return new RequestError('not_found', message, { path: shorten(path) });
}
