/** What a schema is to the two sides of the wire; the compatibility check depends on it. */
export type Role =
  /** Bucket receives it: a newer Bucket must take everything that an older one took. */
  | 'received'
  /** Bucket or Core answers it: a reader of an older minor must understand what a newer one says. */
  | 'answered'
  /** A producer sends it: an older Bucket must take what a newer producer sends. */
  | 'produced'
  /** A list of known words that may only grow. */
  | 'catalogue'
  /** Part of other schemas, and checked wherever they refer to it. */
  | 'part';

export const ROLES: Readonly<Record<string, Role>> = {
  'write-event-envelope': 'received',
  'write-event-request': 'received',
  'event-data': 'received',
  'accepted-generic-event': 'part',
  'accepted-rl-outcome': 'part',
  'accepted-agent-result': 'part',
  'accepted-task-error': 'part',
  'produced-event': 'produced',
  'produced-generic-event': 'part',
  'produced-rl-outcome': 'part',
  'produced-agent-result': 'part',
  'produced-task-error': 'part',
  timestamp: 'part',
  'write-event-response': 'answered',
  'read-context-query': 'received',
  'read-context-response': 'answered',
  'agent-context': 'part',
  'events-query': 'received',
  'events-response': 'answered',
  'stored-event': 'part',
  'stats-response': 'answered',
  'bucket-health': 'answered',
  'core-health': 'answered',
  'livez-response': 'answered',
  'readyz-query': 'received',
  'readyz-response': 'answered',
  'error-body': 'answered',
  'error-code': 'catalogue',
  'body-too-large-error': 'answered',
  'artifact-name': 'received',
  'artifact-version': 'received',
  digest: 'received',
  'stored-digest': 'part',
  actor: 'received',
  'upload-headers': 'received',
  'artifact-metadata': 'answered',
  'get-artifact-query': 'received',
  'versions-response': 'answered',
  'digest-mismatch-error': 'answered',
  'version-exists-error': 'answered',
  'artifact-too-large-error': 'answered',
  'digest-precondition-failed-error': 'answered',
  manifest: 'answered',
  'manifest-shard': 'part',
  'manifest-chunk': 'part',
  'manifest-file': 'part',
  'manifest-path': 'part',
  'shard-list': 'received',
  'listed-shard': 'part',
};
