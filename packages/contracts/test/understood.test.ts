import { expect, test } from '@jest/globals';
import { reasonsAgainstCompatibility } from '../scripts/lib/compatibility.ts';
import { type Edit, minor, set, v1 } from './minor.ts';

/** What the compatibility check does not understand, in which schema, and what it says. */
const NOT_UNDERSTOOD: Record<string, [string, Edit, string]> = {
  'a keyword': [
    'stats-response',
    set('properties/stats/patternProperties', {}),
    'stats-response/properties/stats: the keyword patternProperties',
  ],
  'a format': ['timestamp', set('format', 'date-time'), 'timestamp: the keyword format'],
  'a negation': ['artifact-name', set('not', { const: '.' }), 'artifact-name: the keyword not'],
  'a keyword with a name of Object.prototype': [
    'digest',
    set('constructor', 1),
    'digest: the keyword constructor',
  ],
  'a keyword deep inside a new field': [
    'agent-context',
    set('properties/x', { items: { anyOf: [{ oneOf: [] }] } }),
    'agent-context/properties/x/items/anyOf/0: the keyword oneOf',
  ],
  'another dialect': [
    'digest',
    set('$schema', 'http://json-schema.org/draft-07/schema#'),
    'digest: the dialect',
  ],
  'no dialect': ['digest', set('$schema', null), 'digest: the dialect null'],
  'the $id of another file': [
    'digest',
    set('$id', 'https://bhiv.dev/contracts/v1.0/x.json'),
    'digest: the $id',
  ],
  'an $id inside': ['agent-context', set('properties/agent_id/$id', 'x'), 'the keyword $id'],
  'a reference into a file': [
    'upload-headers',
    set('properties/x-uploaded-by/$ref', 'actor.json#/type'),
    'the reference "actor.json#/type"',
  ],
  'a reference to a file that is not there': [
    'upload-headers',
    set('properties/x-uploaded-by/$ref', 'nobody.json'),
    'the reference to nobody.json',
  ],
  'a reference to another version': [
    'upload-headers',
    set('properties/x-uploaded-by/$ref', '../v1.0/actor.json'),
    'the reference "../v1.0/actor.json"',
  ],
  'a reference that is no text': [
    'upload-headers',
    set('properties/x-uploaded-by/$ref', 5),
    'the reference 5',
  ],
  'a cycle': ['actor', set('allOf', [{ $ref: 'actor.json' }]), 'the cycle'],
  'a reference inside a condition': [
    'event-data',
    set('if', { $ref: 'accepted-rl-outcome.json' }),
    'event-data/if: a $ref inside a condition',
  ],
  'a schema that refuses everything': [
    'agent-context',
    set('properties/agent_id', false),
    'agent-context/properties/agent_id: false in the place of a schema',
  ],
  'a text in the place of a schema': [
    'agent-context',
    set('properties/agent_id', 'string'),
    '"string" in the place',
  ],
  'an anyOf that is no list': [
    'read-context-response',
    set('properties/context/anyOf', {}),
    'no list of schemas',
  ],
  'properties that are no map': ['agent-context', set('properties', []), 'no map of schemas'],
};

test.each(Object.entries(NOT_UNDERSTOOD))(
  '%s is a failure, in the older and in the newer version',
  (_what, [name, edit, reason]) => {
    const strange = minor(name, edit);
    for (const reasons of [
      reasonsAgainstCompatibility(v1, strange),
      reasonsAgainstCompatibility(strange, v1),
    ]) {
      expect(reasons.length).toBe(1);
      expect(reasons[0]).toContain(reason);
      expect(reasons[0]).toMatch(/is not understood, so nothing is proven$/);
    }
  },
);
