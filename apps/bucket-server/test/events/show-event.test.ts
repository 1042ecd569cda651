import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sampleEvent } from '../../src/event-store/conformance/samples.ts';
import { showEvent } from '../../src/events/show-event.ts';
import { jsonText, objectText } from '../helpers/json-text.ts';

function show(text: string): string {
  return showEvent(sampleEvent({ text, timestamp: 'T', requesterId: 'R' }));
}

describe('showEvent', () => {
  test.each([
    ['both are put in front', '{"event_type":"x"}', '{"timestamp":"T","requester_id":"R","event_type":"x"}'],
    [
      'blanks stay',
      '{ "event_type" : "x" }\n',
      '{"timestamp":"T","requester_id":"R", "event_type" : "x" }\n',
    ],
    ['its own timestamp stays', '{"timestamp":"mine"}', '{"requester_id":"R","timestamp":"mine"}'],
    ['its own requester_id wins', '{"requester_id":7,"a":1}', '{"timestamp":"T","requester_id":7,"a":1}'],
    [
      'its own requester_id wins even when it is null',
      '{"requester_id":null}',
      '{"timestamp":"T","requester_id":null}',
    ],
    ['both its own', '{"requester_id":"r","timestamp":"t"}', '{"requester_id":"r","timestamp":"t"}'],
    [
      'null is replaced in place',
      '{"a":1, "timestamp" : null ,"b":2}',
      '{"requester_id":"R","a":1, "timestamp" : "T" ,"b":2}',
    ],
    [
      'the last timestamp counts: null',
      '{"timestamp":"a","timestamp":null}',
      '{"requester_id":"R","timestamp":"a","timestamp":"T"}',
    ],
    [
      'the last timestamp counts: a string',
      '{"timestamp":null,"timestamp":"a"}',
      '{"requester_id":"R","timestamp":null,"timestamp":"a"}',
    ],
    [
      'one inside does not count',
      '{"metadata":{"timestamp":"t"}}',
      '{"timestamp":"T","requester_id":"R","metadata":{"timestamp":"t"}}',
    ],
    [
      'a key with escapes counts',
      '{"\\u0074imestamp":"mine"}',
      '{"requester_id":"R","\\u0074imestamp":"mine"}',
    ],
  ])('%s', (_name, text, shown) => {
    expect(show(text)).toBe(shown);
  });

  test('a timestamp of awkward characters is valid JSON', () => {
    const timestamp = 'a"\\\u0000\ud800';
    const shown = showEvent(sampleEvent({ text: '{"event_type":"x"}', timestamp }));
    expect(JSON.parse(shown).timestamp).toBe(timestamp);
  });

  test('means the same as a spread, and holds event_data character for character', () => {
    const anyEvent = fc
      .tuple(objectText(['timestamp', 'requester_id']), jsonText([]))
      .map(([text, value]) => `{"event_type":${value},${text.trim().slice(1)}`)
      .filter((text) => isJson(text));
    fc.assert(
      fc.property(anyEvent, (text) => {
        const event: Record<string, unknown> = JSON.parse(text);
        const expected = { timestamp: 'T', requester_id: 'R', ...event };
        if (event.timestamp === null) expected.timestamp = 'T';
        expect(JSON.parse(show(text))).toEqual(expected);
        if (event.timestamp !== null) expect(show(text).endsWith(text.slice(1))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
