import type { IncomingMessage } from 'node:http';
import type { ArtifactMetadata } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import type { ArtifactRef, ArtifactStore } from '../../artifact-store/artifact-store.ts';
import { BlobMismatchError } from '../../artifact-store/object-store.ts';
import { artifactTooLarge, RequestError } from '../../errors.ts';
import { answerJson } from '../../http/answer.ts';
import { addLogFields, logFields } from '../../http/log-fields.ts';
import { refuseOtherParameters } from '../../http/query.ts';
import { readPieces } from '../../http/read-pieces.ts';
import { declaredLength, traceId, waitsForContinue } from '../../http/request.ts';
import { observe } from '../../metrics/observe.ts';
import { shorten } from '../../shorten.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { artifactNames } from './artifact-path.ts';
import { readUploadHeaders } from './upload-headers.ts';

/**
 * PUT /v1/{bucket_id}/{artifact_id} (CONTRACT B1). In this order: names (400), headers (400, 415), the version is new
 * (409), the size is within the limit (413) and there is room for it (507); then a client that waits for it is told to
 * go on, and the bytes are stored and checked. 201 comes when all of it is durable.
 */
export function putArtifact({
  artifacts,
  log,
  maxArtifactBytes,
  limits,
  metrics,
}: Pick<RouteDependencies, 'artifacts' | 'log' | 'maxArtifactBytes' | 'limits' | 'metrics'>): RequestHandler {
  return async (request, response) => {
    const noteDuration = (ms: number) => addLogFields(response, { duration_ms: Math.round(ms) });
    const upload = async () => {
      refuseOtherParameters(request, []);
      const names = artifactNames(request);
      addLogFields(response, { bucket_id: names.bucketId, artifact_id: names.artifactId });
      const { version, digest, ...sent } = readUploadHeaders(request);
      const size = sizeOf(request);
      addLogFields(response, { version, digest, size_bytes: size ?? null, actor: shorten(sent.uploadedBy) });
      mustBeTheBytesThemselves(request);

      const ref = { ...names, version };
      const stored = await artifacts.stat(ref);
      if (stored !== null) throw versionExists(ref, digest, stored);
      if (size !== undefined && size > maxArtifactBytes) throw artifactTooLarge(size, maxArtifactBytes);
      await mustHaveRoom(artifacts, size ?? 0, limits.diskReserveBytes);
      if (waitsForContinue(request)) response.writeContinue();

      const claim = { ...sent, digest, size, createdAt: sent.createdAt ?? new Date().toISOString() };
      const { outcome, metadata } = await artifacts.put(ref, claim, readPieces(request, limits));
      if (outcome === 'exists') throw versionExists(ref, digest, metadata);
      metrics.bytesStored.inc(metadata.size_bytes);
      addLogFields(response, { size_bytes: metadata.size_bytes });
      answerJson(response, { status: 201, body: metadata });
      return 'stored';
    };
    try {
      await observe(metrics.uploads, upload, noteDuration);
    } catch (error) {
      if (error instanceof BlobMismatchError && error.code === 'digest_mismatch') {
        metrics.digestFailures.inc({ found_by: 'upload' });
      }
      throw error;
    }
    log.info({ ...logFields(response), trace_id: traceId(request) }, 'artifact stored');
  };
}

/** The bytes that the body will have; undefined where it is chunked. */
function sizeOf(request: IncomingMessage): number | undefined {
  return request.headers['transfer-encoding'] === undefined ? (declaredLength(request) ?? 0) : undefined;
}

/** Refuses a body that is compressed (415), or a part of one (400): Bucket stores bytes as they come, whole. */
function mustBeTheBytesThemselves({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] || 'identity';
  const transfer = headers['transfer-encoding'] || 'chunked';
  if (encoding.toLowerCase() !== 'identity') throw encoded('Content-Encoding', encoding);
  if (transfer.toLowerCase() !== 'chunked') throw encoded('Transfer-Encoding', transfer);
  const part = headers['content-range'];
  if (part === undefined) return;
  const value = shorten(JSON.stringify(part));
  const message = `The Content-Range header is ${value}, but an artifact is stored whole: send all of it without this header.`;
  throw new RequestError('invalid_header', message, { field: 'Content-Range', value });
}

function encoded(field: string, value: string): RequestError {
  const shown = shorten(JSON.stringify(value));
  const message = `The body has the ${field} ${shown}, which Bucket does not undo: send the bytes themselves.`;
  return new RequestError('unsupported_encoding', message, { field, value: shown });
}

async function mustHaveRoom(artifacts: ArtifactStore, size: number, reserve: number): Promise<void> {
  const free = await artifacts.freeBytes();
  if (free === null || size + reserve <= free) return;
  const message = `The disk of Bucket has room for ${Math.max(0, free - reserve)} bytes and the body has ${size}: free some, or send it to another Bucket. Nothing is stored.`;
  throw new RequestError('disk_full', message, { free_bytes: free, size_bytes: size });
}

function versionExists(ref: ArtifactRef, sent: string, { digest }: ArtifactMetadata): RequestError {
  const identical = digest === sent;
  const name = `Version ${JSON.stringify(ref.version)} of ${ref.bucketId}/${ref.artifactId}`;
  const message = identical
    ? `${name} is stored already, with the same digest: there is nothing to do.`
    : `${name} is stored already, with digest ${digest}: what is stored never changes, so choose another version.`;
  return new RequestError('version_exists', message, { digest, identical });
}
