import type { ArtifactMetadata, VersionsResponse } from '@bhiv/contracts';
import type { RequestHandler } from 'express';
import { RequestError } from '../../errors.ts';
import { addLogFields, logFields } from '../../http/log-fields.ts';
import { refuseOtherParameters } from '../../http/query.ts';
import { traceId } from '../../http/request.ts';
import { streamJson } from '../../http/stream-json.ts';
import { observe } from '../../metrics/observe.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { type ArtifactNames, artifactNames } from './artifact-path.ts';

/** How many versions are made into text at one time: a millisecond of work, so that others get their turn. */
const VERSIONS_AT_ONCE = 256;

/** GET /v1/{bucket_id}/{artifact_id}/versions (CONTRACT B3): every version, in no order, streamed page by page. */
export function listVersions({
  artifacts,
  log,
  limits,
  gate,
  metrics,
}: Pick<RouteDependencies, 'artifacts' | 'log' | 'limits' | 'gate' | 'metrics'>): RequestHandler {
  return async (request, response) => {
    const noteDuration = (ms: number) => addLogFields(response, { duration_ms: Math.round(ms) });
    const list = async () => {
      refuseOtherParameters(request, []);
      const names = artifactNames(request);
      addLogFields(response, { bucket_id: names.bucketId, artifact_id: names.artifactId });
      await gate.run(async () => {
        const pages = await artifacts.versions(names.bucketId, names.artifactId);
        if (pages === null) throw notFound(names);
        await streamJson(request, response, asJson(pages), limits);
      });
      return 'listed';
    };
    await observe(metrics.listings, list, noteDuration);
    log.info({ ...logFields(response), trace_id: traceId(request) }, 'versions listed');
  };
}

async function* asJson(pages: AsyncIterable<readonly ArtifactMetadata[]>): AsyncGenerator<string> {
  let front = '{"versions":[';
  for await (const page of pages) {
    for (let start = 0; start < page.length; start += VERSIONS_AT_ONCE) {
      const texts = page.slice(start, start + VERSIONS_AT_ONCE).map(entryText);
      yield front + texts.join(',');
      front = ',';
    }
  }
  yield `${front === ',' ? '' : front}]}`;
}

function entryText({ version, digest, size_bytes, created_at }: ArtifactMetadata): string {
  const entry: VersionsResponse['versions'][number] = { version, digest, size_bytes, created_at };
  return JSON.stringify(entry);
}

function notFound({ bucketId, artifactId }: ArtifactNames): RequestError {
  const message = `There is no artifact ${bucketId}/${artifactId} here: check both names, which are case-sensitive.`;
  return new RequestError('artifact_not_found', message, { bucket_id: bucketId, artifact_id: artifactId });
}
