// Generated from the names of schemas/v1.0/*.json and schemas/manifest-v1/*.json by `npm run generate`: do not edit.

/** The version of the schemas that the types and the checks are made from. */
export const SCHEMA_VERSION = 'v1.0';

/** The schemas of v1.0: each is the name of a file in schemas/v1.0, without `.json`. */
export const SCHEMA_NAMES = [
  'accepted-agent-result',
  'accepted-generic-event',
  'accepted-rl-outcome',
  'accepted-task-error',
  'actor',
  'agent-context',
  'artifact-metadata',
  'artifact-name',
  'artifact-too-large-error',
  'artifact-version',
  'body-too-large-error',
  'bucket-health',
  'core-health',
  'digest',
  'digest-mismatch-error',
  'digest-precondition-failed-error',
  'error-body',
  'error-code',
  'event-data',
  'events-query',
  'events-response',
  'get-artifact-query',
  'livez-response',
  'produced-agent-result',
  'produced-event',
  'produced-generic-event',
  'produced-rl-outcome',
  'produced-task-error',
  'read-context-query',
  'read-context-response',
  'readyz-query',
  'readyz-response',
  'stats-response',
  'stored-digest',
  'stored-event',
  'timestamp',
  'upload-headers',
  'version-exists-error',
  'versions-response',
  'write-event-envelope',
  'write-event-request',
  'write-event-response',
] as const;

export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** The version of the manifest that the types and the checks are made from. */
export const MANIFEST_VERSION = 'manifest-v1';

/** The schemas of the manifest: each is the name of a file in schemas/manifest-v1, without `.json`. */
export const MANIFEST_SCHEMA_NAMES = [
  'listed-shard',
  'manifest',
  'manifest-chunk',
  'manifest-file',
  'manifest-path',
  'manifest-shard',
  'shard-list',
] as const;

export type ManifestSchemaName = (typeof MANIFEST_SCHEMA_NAMES)[number];
