import type { ArtifactMetadata } from '@bhiv/contracts';
import { badResponse, errorOf, readJson } from './answer.ts';
import type { Connection } from './connection.ts';
import { Exchange } from './exchange.ts';
import { type Expected, metadataOf } from './metadata.ts';
import { versionPath } from './paths.ts';
import type { Transfer } from './transfer.ts';
import type { ArtifactRef } from './types.ts';

/** The metadata of a version (CONTRACT B2). Rejects with `artifact_not_found` where there is none. */
export function fetchMetadata(
  connection: Connection,
  transfer: Transfer,
  ref: ArtifactRef,
  expected: Expected,
): Promise<ArtifactMetadata> {
  const path = versionPath(ref, { metadata_only: 'true' });
  const call = { method: 'GET', path, headers: { accept: 'application/json' } } as const;
  return Exchange.run(connection, transfer, call, async (response) => {
    const { statusCode: status } = response;
    if (status === 200) return metadataOf(await readJson(response, transfer), expected, status);
    const error = await errorOf(response, transfer);
    throw error.code === 'bad_response' ? badResponse(`is a ${status}, not a 200`, { status }) : error;
  });
}
