import { describe, expect, test } from '@jest/globals';
import {
  check,
  checkAcceptedEvent,
  checkEnvelope,
  checkErrorBody,
  checkProducedEvent,
  checkReadContextResponse,
  checkUploadHeaders,
  checkWriteEventRequest,
  type SchemaName,
} from '../src/validators.ts';
import { FAMILIES, vectorsOf } from './vectors.ts';

const outcome = { event_type: 'rl_outcome', agent_id: 'text_summarizer', reward: 0.85 };

describe('a problem', () => {
  test('names the field, the value, the rule and the remedy', () => {
    expect(checkAcceptedEvent({ ...outcome, reward: 'high' })).toEqual([
      {
        field: 'event_data.reward',
        value: '"high"',
        rule: 'type',
        message: 'event_data.reward is "high" but must be a number: send a number, for example 0.85.',
      },
    ]);
  });

  test.each(FAMILIES.flatMap(({ family, names }) => names.map((name) => [name, family] as const)))(
    'of any invalid vector of %s has the field and the value in its message',
    (name, family) => {
      for (const vector of vectorsOf(family, name)) {
        for (const { field, value, message } of check(name, vector.data)) {
          expect(message.startsWith(`${field} is ${value}`)).toBe(true);
          expect(message).toMatch(/: (?:send|add) .*\.$/s);
        }
      }
    },
  );

  test('of an event is named from event_data, of the whole request from the body', () => {
    const wrong = { ...outcome, agent_id: 5 };
    expect(checkAcceptedEvent(wrong)[0]?.field).toBe('event_data.agent_id');
    const request = { requester_id: 'bhiv_core', event_data: wrong };
    expect(checkWriteEventRequest(request)[0]?.field).toBe('event_data.agent_id');
    expect(checkWriteEventRequest(5)[0]?.field).toBe('body');
    expect(checkAcceptedEvent(5)[0]?.field).toBe('event_data');
  });

  test('says that null counts as not there', () => {
    const [problem] = checkAcceptedEvent({ ...outcome, agent_id: null });
    expect(problem?.message).toBe(
      'event_data.agent_id is null, which counts as not there, but must be a string: send a string, for example "text_summarizer".',
    );
  });

  test('of a name with slashes and tildes has it as it is', () => {
    const health = { status: 'healthy', bucket_version: '1', core_integration: {}, services: { 'a/b~c': 5 } };
    const found = check('bucket-health', {
      ...health,
      core_integration: { status: 'active', events_received: 0, agents_tracked: 0 },
    });
    expect(found[0]?.field).toBe('services.a/b~c');
  });

  test('of a pattern tells the rule in words', () => {
    const [problem] = check('artifact-name', 'a/b');
    expect(problem?.message).toContain(
      'A bucket_id or an artifact_id: 1 to 255 of A-Z a-z 0-9 - _ . and neither . nor .. alone',
    );
  });

  test('of a value that may be null or an object speaks of the object when it is one', () => {
    const fields = (context: unknown) =>
      checkReadContextResponse({ success: true, context }).map(({ field }) => field);
    expect(fields({ agent_id: 'a', event_count: 1, last_updated: 't' })).toEqual([
      'context.recent_event_types',
    ]);
    expect(checkReadContextResponse({ success: true, context: 'none' })[0]?.message).toContain(
      'must be an object or null',
    );
  });
});

describe('how many problems are told', () => {
  test('of what Bucket receives: all, each once', () => {
    expect(checkAcceptedEvent({ event_type: 'rl_outcome' }).map(({ field }) => field)).toEqual([
      'event_data.agent_id',
      'event_data.reward',
    ]);
    expect(checkEnvelope({}).length).toBe(2);
    expect(checkUploadHeaders({}).length).toBe(4);
    expect(checkAcceptedEvent({}).length).toBe(1);
  });

  test('of everything else: the first, so that a million mistakes cost no more than one', () => {
    const tags = new Array(1_000_000).fill(0);
    const event = { ...outcome, timestamp: '2026-01-29T10:30:00Z', metadata: { tags } };
    expect(checkProducedEvent(event).map(({ field }) => field)).toEqual(['event_data.metadata.tags.0']);
  });

  test('of what is valid: none, and no array is made for it', () => {
    expect(checkAcceptedEvent(outcome)).toBe(checkAcceptedEvent({ event_type: 'x' }));
    expect(Object.isFrozen(checkAcceptedEvent(outcome))).toBe(true);
  });

  test('of one value: the same as if no other had been checked before', () => {
    const alone = checkAcceptedEvent({ ...outcome, reward: true });
    checkAcceptedEvent(5);
    checkAcceptedEvent(outcome);
    expect(checkAcceptedEvent({ ...outcome, reward: true })).toEqual(alone);
  });
});

describe('a long value', () => {
  test.each([
    ['a string', 'x'.repeat(5_000_000)],
    ['a string of characters that are escaped', '"\u0000'.repeat(1_000_000)],
    ['an array', new Array(1_000_000).fill('abc')],
    ['an object', Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]))],
    ['an object with a long key', { ['k'.repeat(1_000_000)]: 1 }],
    ['an array of long strings', ['x'.repeat(1_000_000), 'y'.repeat(1_000_000)]],
  ])('that is %s is cut to about 100 characters', (_what, reward) => {
    const [problem] = checkAcceptedEvent({ ...outcome, reward });
    expect(problem?.value.length).toBeLessThanOrEqual(101);
    expect(problem?.value.endsWith('…')).toBe(true);
    expect(problem?.message.length).toBeLessThan(300);
  });

  test('is not cut in the middle of a character', () => {
    for (let shift = 0; shift < 2; shift++) {
      const [problem] = checkAcceptedEvent({ ...outcome, reward: 'x'.repeat(shift) + '😀'.repeat(200) });
      expect(problem?.value).not.toMatch(/\p{Surrogate}/u);
    }
  });
});

describe('numbers that JSON and JavaScript see differently', () => {
  test('NaN is refused everywhere', () => {
    expect(checkAcceptedEvent({ ...outcome, reward: Number.NaN })[0]?.value).toBe('NaN');
    expect(
      checkProducedEvent({ ...outcome, timestamp: '2026-01-29T10:30:00Z', reward: Number.NaN })[0]?.value,
    ).toBe('NaN');
  });

  test('1e400 is a JSON number that Bucket keeps as text; a producer cannot send Infinity', () => {
    expect(checkAcceptedEvent({ ...outcome, reward: JSON.parse('1e400') })).toEqual([]);
    expect(
      checkWriteEventRequest({
        requester_id: 'bhiv_core',
        event_data: { ...outcome, reward: JSON.parse('-1e400') },
      }),
    ).toEqual([]);
    const produced = { ...outcome, timestamp: '2026-01-29T10:30:00Z', reward: Number.POSITIVE_INFINITY };
    expect(checkProducedEvent(produced)[0]?.value).toBe('Infinity');
  });

  test('beside 1e400 the other mistakes are still told', () => {
    const found = checkAcceptedEvent({ ...outcome, reward: JSON.parse('1e400'), agent_id: 5 });
    expect(found.map(({ field }) => field)).toEqual(['event_data.agent_id']);
  });
});

test('a name that is no schema is refused by name', () => {
  // A caller without types can get the name wrong.
  expect(() => check('event' as SchemaName, {})).toThrow('there is no schema "event"');
});

test('an error of a newer minor is still an error body', () => {
  expect(checkErrorBody({ error: { code: 'quota_exceeded', message: 'Too much.', details: {} } })).toEqual(
    [],
  );
});
