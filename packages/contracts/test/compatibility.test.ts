import { describe, expect, test } from '@jest/globals';
import { reasonsAgainstCompatibility } from '../scripts/lib/compatibility.ts';
import { schemaVersions } from '../scripts/lib/files.ts';
import { loadSchemas } from '../scripts/lib/schemas.ts';
import { both, drop, type Edit, minor, push, schemasFolder, set, v1 } from './minor.ts';

test('each version is compatible with the one before it, and every schema of it is understood', () => {
  const versions = schemaVersions(schemasFolder).map((version) => loadSchemas(version, schemasFolder));
  for (const [index, newer] of versions.entries()) {
    expect(reasonsAgainstCompatibility(versions[index - 1] ?? newer, newer)).toEqual([]);
    expect(reasonsAgainstCompatibility(newer, newer)).toEqual([]);
  }
});

const optionalInteger = set('properties/episode', { type: 'integer' });
const newRow: Edit = (schema) =>
  set('else/else/else', {
    if: { required: ['event_type'], properties: { event_type: { const: 'alert' } } },
    // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema
    then: { required: ['level'] },
    else: { $ref: 'accepted-generic-event.json' },
  })(schema);

/** What changes, in which schema, how. */
const COMPATIBLE: Record<string, [string, Edit]> = {
  'other words': [
    'accepted-rl-outcome',
    both(set('description', 'So.'), set('properties/reward/examples', [1])),
  ],
  'a required field of a request is optional': [
    'accepted-rl-outcome',
    set('required', ['event_type', 'agent_id']),
  ],
  'a field of a request takes null too': [
    'accepted-rl-outcome',
    set('properties/reward/type', ['number', 'null']),
  ],
  'a field of a request takes anything': ['accepted-generic-event', set('properties/agent_id', {})],
  'a query takes one more value': ['readyz-query', push('properties/for/enum', 'karma')],
  'a request names a field without a type': [
    'accepted-generic-event',
    set('properties/priority', { title: 'New' }),
  ],
  'a header takes any text': ['upload-headers', set('properties/x-uploaded-by', { type: 'string' })],
  'an answer has one more field': [
    'stats-response',
    set('properties/stats/properties/bytes', { type: 'integer' }),
  ],
  'an answer has one more field, always': [
    'agent-context',
    both(optionalInteger, push('required', 'episode')),
  ],
  'an answer has lower numbers': ['events-response', set('properties/showing/maximum', 500)],
  'an answer has shorter lists': ['events-response', set('properties/events/maxItems', 500)],
  'an answer has one value less': ['bucket-health', set('properties/status/enum', ['healthy'])],
  'an answer is never null': [
    'read-context-response',
    set('properties/context', { $ref: 'agent-context.json' }),
  ],
  'an error code is new': ['error-code', push('enum', 'quota_exceeded')],
  'a producer sends one more field': [
    'produced-rl-outcome',
    both(optionalInteger, push('required', 'episode')),
  ],
  'a producer sends another type where Bucket does not look': [
    'produced-agent-result',
    set('properties/result/properties/status/type', 'string'),
  ],
};

describe('a compatible minor', () => {
  test.each(Object.entries(COMPATIBLE))('%s', (_what, [name, edit]) => {
    const newer = minor(name, edit);
    expect(newer.get(name)).not.toEqual(v1.get(name));
    expect(reasonsAgainstCompatibility(v1, newer)).toEqual([]);
  });
});

/** What changes, in which schema, how, and what the check says. */
const INCOMPATIBLE: Record<string, [string, Edit, string]> = {
  'a new required field of a request': [
    'accepted-rl-outcome',
    push('required', 'episode'),
    'event-data: episode need not be there',
  ],
  'an optional field of a request becomes required': [
    'accepted-task-error',
    push('required', 'input_type'),
    'event-data: input_type need not be there',
  ],
  'a new typed field of a request, which old clients may send with anything in it': [
    'accepted-generic-event',
    set('properties/priority', { type: 'integer' }),
    'event-data.priority: any type is not within integer',
  ],
  'null is no longer taken': [
    'accepted-generic-event',
    set('properties/timestamp/type', 'string'),
    'event-data.timestamp: string or null is not within string',
  ],
  'a narrower type': [
    'accepted-rl-outcome',
    set('properties/reward/type', 'integer'),
    'event-data.reward: number is not within integer',
  ],
  'a removed value of a query': [
    'readyz-query',
    set('properties/for/enum', ['events']),
    'readyz-query.for: "artifacts" is not within ["events"]',
  ],
  'another constant': [
    'write-event-request',
    set('properties/requester_id/const', 'core'),
    'write-event-request.requester_id: "bhiv_core" is not within ["core"]',
  ],
  'a constant where anything of a type was taken': [
    'write-event-envelope',
    set('properties/requester_id/const', 'bhiv_core'),
    'write-event-envelope.requester_id: any value is not within ["bhiv_core"]',
  ],
  'a new bound': [
    'accepted-rl-outcome',
    set('properties/reward/minimum', 0),
    'event-data.reward: minimum is not there on one side, the other demands 0',
  ],
  'a pattern for what was any string': [
    'accepted-generic-event',
    set('properties/timestamp/pattern', '^2'),
    'event-data.timestamp: pattern differs',
  ],
  'a changed pattern': ['digest', set('pattern', '^sha512:'), 'digest: pattern differs'],
  'a shorter text': [
    'actor',
    set('maxLength', 100),
    'actor: maxLength is 500 on one side, the other demands 100',
  ],
  'a longer text, which answers would pass on to old readers': [
    'actor',
    set('maxLength', 1000),
    'artifact-metadata.uploaded_by: maxLength is 1000 on one side',
  ],
  'fields that no table names are refused': [
    'accepted-generic-event',
    set('additionalProperties', { type: 'string' }),
    'event-data.*: any type is not within string',
  ],
  'the inside of a result is checked': [
    'accepted-agent-result',
    set('properties/result/required', ['status']),
    'event-data.result: status need not be there',
  ],
  'an event type gets a row of its own': ['event-data', newRow, 'event-data: level need not be there'],
  'another condition': ['event-data', set('if/properties/event_type/const', 'reward'), 'event-data'],
  'a field of an answer is gone': [
    'stats-response',
    set('properties/stats/required', ['total_events']),
    'stats-response.stats: agents_with_context need not be there',
  ],
  'a field of an answer has another type': [
    'agent-context',
    set('properties/event_count/type', 'string'),
    'read-context-response.context.event_count: string is not within integer',
  ],
  'a field of an answer may be null': [
    'agent-context',
    set('properties/last_updated/type', ['string', 'null']),
    'context.last_updated: string or null is not within string',
  ],
  'an answer has a value that an old reader does not know': [
    'bucket-health',
    push('properties/status/enum', 'starting'),
    'bucket-health.status: "starting" is not within',
  ],
  'an answer has higher numbers': [
    'events-response',
    set('properties/showing/maximum', 5000),
    'events-response.showing: maximum is 5000 on one side, the other demands 1000',
  ],
  'an answer has longer lists': [
    'events-response',
    drop('properties/events/maxItems'),
    'events-response.events: maxItems is not there',
  ],
  'an answer may have an item twice': [
    'agent-context',
    drop('properties/recent_event_types/uniqueItems'),
    'context.recent_event_types: uniqueItems differs',
  ],
  'the items of an answer change': [
    'stats-response',
    set('properties/stats/properties/tracked_agents/items/type', 'object'),
    'tracked_agents[]: object is not within string',
  ],
  'the items of an answer may be anything': [
    'versions-response',
    set('properties/versions/items', true),
    'versions-response.versions[]: any type is not within object',
  ],
  'the values of a map change': [
    'bucket-health',
    set('properties/services/additionalProperties/type', 'object'),
    'bucket-health.services.*: object is not within string',
  ],
  'an error has no details': [
    'error-body',
    set('properties/error/required', ['code', 'message']),
    'error-body.error: details need not be there',
  ],
  'an error code is gone': [
    'error-code',
    set('enum', ['invalid_event']),
    'error-code: "invalid_json" is not within',
  ],
  'a producer leaves out what Bucket requires': [
    'produced-task-error',
    set('required', ['event_type', 'timestamp']),
    'produced-event: task_id need not be there',
  ],
  'a producer sends what Bucket refuses': [
    'produced-rl-outcome',
    set('properties/metadata/type', ['object', 'array']),
    'produced-event.metadata: object or array is not within object or null',
  ],
  'a reference goes to another schema': [
    'artifact-metadata',
    set('properties/digest', { $ref: 'digest.json' }),
    'artifact-metadata.digest: pattern differs',
  ],
};

describe('an incompatible minor', () => {
  test.each(Object.entries(INCOMPATIBLE))('%s', (_what, [name, edit, reason]) => {
    expect(reasonsAgainstCompatibility(v1, minor(name, edit)).join('\n')).toContain(reason);
  });

  test('a message is gone', () => {
    const newer = new Map(v1);
    newer.delete('livez-response');
    expect(reasonsAgainstCompatibility(v1, newer)).toEqual(['livez-response: was removed']);
  });

  test('a message is new and nobody has said which role it has', () => {
    const $id = 'https://bhiv.dev/contracts/v1.1/write-events-request.json';
    const newer = new Map(v1).set('write-events-request', { ...v1.get('livez-response'), $id });
    expect(reasonsAgainstCompatibility(v1, newer)).toEqual(['write-events-request: has no role']);
  });
});
