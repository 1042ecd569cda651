// The checks of every message. Each schema is compiled at its first use (some milliseconds): a server that wants
// its first request to be as quick as the others calls warmUp() when it starts.
import { SCHEMA_NAMES } from './generated/schema-names.ts';
import { type Check, checkAgainst, compileOnce } from './validation/check.ts';
import type { AnySchemaName } from './validation/compile.ts';
import type { Problem } from './validation/problem.ts';

export {
  MANIFEST_SCHEMA_NAMES,
  type ManifestSchemaName,
  SCHEMA_NAMES,
  type SchemaName,
} from './generated/schema-names.ts';
export type { Check } from './validation/check.ts';
export type { AnySchemaName } from './validation/compile.ts';
export type { Problem } from './validation/problem.ts';

const EVENT = { prefix: 'event_data', whole: 'event_data' };

/** The outer shape of a write: requester_id is a string, event_data an object; more fields are fine (CONTRACT A1). */
export const checkEnvelope: Check = checkAgainst('write-event-envelope');

/** event_data as Bucket accepts it: old clients' habits pass (CONTRACT A1). */
export const checkAcceptedEvent: Check = checkAgainst('event-data', EVENT);

/** event_data as a producer should send it: timestamp, types inside result and metadata, no nulls (CONTRACT A1). */
export const checkProducedEvent: Check = checkAgainst('produced-event', EVENT);

/** The whole body of POST /core/write-event: requester bhiv_core, event as accepted (CONTRACT A1). */
export const checkWriteEventRequest: Check = checkAgainst('write-event-request');

/** The answer to POST /core/write-event (CONTRACT A1). */
export const checkWriteEventResponse: Check = checkAgainst('write-event-response');

/** The query of GET /core/read-context (CONTRACT A2). */
export const checkReadContextQuery: Check = checkAgainst('read-context-query', {
  prefix: '',
  whole: 'query',
});

/** The answer to GET /core/read-context (CONTRACT A2). */
export const checkReadContextResponse: Check = checkAgainst('read-context-response');

/** What Bucket remembers of one agent (CONTRACT A2). */
export const checkAgentContext: Check = checkAgainst('agent-context', { prefix: '', whole: 'context' });

/** The query of GET /core/events (CONTRACT A3). */
export const checkEventsQuery: Check = checkAgainst('events-query', { prefix: '', whole: 'query' });

/** The answer to GET /core/events (CONTRACT A3). */
export const checkEventsResponse: Check = checkAgainst('events-response');

/** One event as Bucket gives it back (CONTRACT A3). */
export const checkStoredEvent: Check = checkAgainst('stored-event', { prefix: '', whole: 'event' });

/** The answer to GET /core/stats (CONTRACT A4). */
export const checkStatsResponse: Check = checkAgainst('stats-response');

/** Bucket's answer to GET /health (CONTRACT A5). */
export const checkBucketHealth: Check = checkAgainst('bucket-health');

/** Core's answer to GET /health (CONTRACT A5). */
export const checkCoreHealth: Check = checkAgainst('core-health');

/** The answer to GET /livez (CONTRACT A5). */
export const checkLivezResponse: Check = checkAgainst('livez-response');

/** The query of GET /readyz (CONTRACT A5). */
export const checkReadyzQuery: Check = checkAgainst('readyz-query', { prefix: '', whole: 'query' });

/** The answer to GET /readyz (CONTRACT A5). */
export const checkReadyzResponse: Check = checkAgainst('readyz-response');

/** Every answer that is an error (CONTRACT B). */
export const checkErrorBody: Check = checkAgainst('error-body');

/** The headers of an upload, names in lower case (CONTRACT B1). */
export const checkUploadHeaders: Check = checkAgainst('upload-headers', { prefix: '', whole: 'headers' });

/** The metadata of an artifact version (CONTRACT B). */
export const checkArtifactMetadata: Check = checkAgainst('artifact-metadata');

/** The query of a download (CONTRACT B2). */
export const checkGetArtifactQuery: Check = checkAgainst('get-artifact-query', {
  prefix: '',
  whole: 'query',
});

/** The answer to GET .../versions (CONTRACT B3). */
export const checkVersionsResponse: Check = checkAgainst('versions-response');

/** A bucket_id or artifact_id (CONTRACT B). */
export const checkArtifactName: Check = checkAgainst('artifact-name', { prefix: '', whole: 'name' });

/** A version of an artifact (CONTRACT B). */
export const checkArtifactVersion: Check = checkAgainst('artifact-version', { prefix: '', whole: 'version' });

/** A digest as a client may send it (CONTRACT B). */
export const checkDigest: Check = checkAgainst('digest', { prefix: '', whole: 'digest' });

/** An uploaded_by or provenance_source (CONTRACT B). */
export const checkActor: Check = checkAgainst('actor', { prefix: '', whole: 'value' });

/** A manifest as `bhiv publish` stores it: its shape, not whether its numbers fit each other (docs/manifest.md). */
export const checkManifest: Check = checkAgainst('manifest', { prefix: '', whole: 'manifest' });

/** A manifest of any tool that keeps to pattern B: `{"shards": [{"name", "digest"}]}` (CONTRACT B5). */
export const checkShardList: Check = checkAgainst('shard-list', { prefix: '', whole: 'manifest' });

const generic = new Map<AnySchemaName, Check>();

/**
 * The check of any schema by its name, the file name without `.json`.
 * Throws a TypeError for a name that is none of SCHEMA_NAMES and MANIFEST_SCHEMA_NAMES; never because of the value.
 */
export function check(schemaName: AnySchemaName, value: unknown): Problem[] {
  let checkValue = generic.get(schemaName);
  if (checkValue === undefined) {
    compileOnce(schemaName);
    checkValue = checkAgainst(schemaName, { prefix: '', whole: 'value' });
    generic.set(schemaName, checkValue);
  }
  return checkValue(value);
}

/** Compiles the given schemas (those of all messages by default) now instead of at their first use. */
export function warmUp(names: readonly AnySchemaName[] = SCHEMA_NAMES): void {
  for (const name of names) compileOnce(name);
}
