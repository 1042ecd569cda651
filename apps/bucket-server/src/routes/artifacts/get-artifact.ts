import type { ServerResponse } from 'node:http';
import type { ArtifactMetadata } from '@bhiv/contracts';
import type { Request, RequestHandler } from 'express';
import { ArtifactCorruptError, type ArtifactRef } from '../../artifact-store/artifact-store.ts';
import { RequestError } from '../../errors.ts';
import { answerJson } from '../../http/answer.ts';
import { addLogFields, logFields } from '../../http/log-fields.ts';
import { traceId } from '../../http/request.ts';
import { sendPieces } from '../../http/send-pieces.ts';
import { observe } from '../../metrics/observe.ts';
import { shorten } from '../../shorten.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { artifactHeaders, entityTag, KEEP_FOR_GOOD } from './artifact-headers.ts';
import { artifactNames } from './artifact-path.ts';
import { readArtifactQuery } from './artifact-query.ts';
import { isKnown, mustMatch, wantedRange } from './conditions.ts';

type Dependencies = Pick<RouteDependencies, 'artifacts' | 'log' | 'verifyOnRead' | 'limits' | 'metrics'>;

/**
 * GET and HEAD /v1/{bucket_id}/{artifact_id}?version=… (CONTRACT B2): the bytes, a range of them, or the metadata of
 * exactly this version. Where the whole is sent it is checked against its digest on the way, and an answer whose bytes
 * are wrong never ends well. HEAD reads no bytes.
 */
export function getArtifact(dependencies: Dependencies): RequestHandler {
  const { artifacts, log, metrics } = dependencies;
  return async (request, response) => {
    const noteDuration = (ms: number) => addLogFields(response, { duration_ms: Math.round(ms) });
    const download = async () => {
      const names = artifactNames(request);
      addLogFields(response, { bucket_id: names.bucketId, artifact_id: names.artifactId });
      const { version, digest, metadataOnly } = readArtifactQuery(request);
      addLogFields(response, { version });
      const ref = { ...names, version };
      const metadata = await artifacts.stat(ref);
      if (metadata === null) throw notFound(ref);
      const { digest: stored, size_bytes, uploaded_by } = metadata;
      addLogFields(response, { digest: stored, size_bytes, actor: shorten(uploaded_by) });
      mustMatch(request, digest, metadata);
      if (metadataOnly) {
        answerJson(response, { status: 200, body: metadata, headers: { 'Cache-Control': KEEP_FOR_GOOD } });
        return 'metadata';
      }
      return answerBytes(request, response, metadata, dependencies);
    };
    try {
      await observe(metrics.downloads, download, noteDuration);
    } catch (error) {
      if (error instanceof ArtifactCorruptError) metrics.digestFailures.inc({ found_by: 'read' });
      throw error;
    }
    log.info(
      { ...logFields(response), status: response.statusCode, trace_id: traceId(request) },
      'artifact served',
    );
  };
}

/** Answers with the bytes, as far as the client wants them. Resolves with the outcome that is counted. */
async function answerBytes(
  request: Request,
  response: ServerResponse,
  metadata: ArtifactMetadata,
  { verifyOnRead, artifacts, limits, metrics }: Dependencies,
): Promise<string> {
  const keep = { 'Cache-Control': KEEP_FOR_GOOD };
  if (isKnown(request, metadata)) {
    response.writeHead(304, { ETag: entityTag(metadata), ...keep }).end();
    return 'not_modified';
  }
  const size = metadata.size_bytes;
  const range = wantedRange(request, metadata);
  const isChecked = verifyOnRead && range === undefined;
  // What nobody has checked may be damaged today and healed tomorrow: a cache must not keep it.
  const headers = { ...artifactHeaders(metadata), ...(isChecked ? keep : {}) };
  const whole = () => response.writeHead(200, { ...headers, 'Content-Length': size });
  if (request.method === 'HEAD') {
    whole().end();
    return 'head';
  }
  const partial = (start: number, end: number) =>
    response.writeHead(206, {
      ...headers,
      'Content-Length': end - start,
      'Content-Range': `bytes ${start}-${end - 1}/${size}`,
    });
  const opened = await artifacts.open(metadata, { verify: isChecked, ...(range && { range }) });
  try {
    const writeHead = () => (range === undefined ? whole() : partial(range.start, range.end));
    await sendPieces(response, opened.pieces, writeHead, {
      stalledMs: limits.downloadStalledMs,
      onSent: (bytes) => metrics.bytesServed.inc(bytes),
    });
  } finally {
    await opened.close();
  }
  return range === undefined ? 'whole' : 'partial';
}

function notFound({ bucketId, artifactId, version }: ArtifactRef): RequestError {
  const plus = version.includes(' ') ? ' In a query "+" means a space; a plus is written %2B.' : '';
  const message = `There is no version ${JSON.stringify(version)} of ${bucketId}/${artifactId} here: GET /v1/${bucketId}/${artifactId}/versions lists those that are stored.${plus}`;
  return new RequestError('artifact_not_found', message, {
    bucket_id: bucketId,
    artifact_id: artifactId,
    version,
  });
}
