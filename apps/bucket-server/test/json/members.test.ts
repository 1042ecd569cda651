import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findMembers } from '../../src/json/members.ts';
import { objectText } from '../helpers/json-text.ts';

const NAMES = ['event_data', 'timestamp', 'requester_id', 'absent', ''];

function textsOf(text: string, names: readonly string[] = NAMES): Record<string, string> {
  const found = findMembers(text, names);
  return Object.fromEntries([...found].map(([name, { start, end }]) => [name, text.slice(start, end)]));
}

describe('findMembers', () => {
  test('finds the text of a value, without the blanks around it', () => {
    const text = ' { "a" : 1 ,\n"event_data"\t:\r [1.0, {"event_data": 2}] , "b": "}" } ';
    expect(textsOf(text)).toEqual({ event_data: '[1.0, {"event_data": 2}]' });
  });

  test('of a name that occurs twice the last counts, as for JSON.parse', () => {
    expect(textsOf('{"timestamp":1,"timestamp":{"timestamp":3},"x":4}')).toEqual({
      timestamp: '{"timestamp":3}',
    });
  });

  test('a name may be written with escapes', () => {
    expect(textsOf('{"event_d\\u0061ta":1.0,"time\\u0073tamp":"\\\\"}')).toEqual({
      event_data: '1.0',
      timestamp: '"\\\\"',
    });
  });

  test('quotes and backslashes in strings', () => {
    const text = '{"a\\\\":"\\"event_data\\":5","event_data":"\\\\\\"","b":"\\\\"}';
    expect(textsOf(text)).toEqual({ event_data: '"\\\\\\""' });
  });

  test('an empty object, and an empty name', () => {
    expect(textsOf('{ \n }')).toEqual({});
    expect(textsOf('{"":0}')).toEqual({ '': '0' });
  });

  test('nesting of 100,000 levels', () => {
    const deep = `${'[{"a":'.repeat(50_000)}"]}"${'}]'.repeat(50_000)}`;
    expect(textsOf(`{"x":${deep},"event_data":${deep}}`).event_data === deep).toBe(true);
  });

  test('a text that is cut off ends in an error, not in a loop', () => {
    expect(() => findMembers('{"event_data":"abc', NAMES)).toThrow(SyntaxError);
    expect(findMembers('{"event_data":[1', NAMES).get('event_data')).toEqual({ start: 14, end: 16 });
  });

  test('agrees with JSON.parse on any JSON object', () => {
    fc.assert(
      fc.property(objectText(NAMES), (text) => {
        const parsed: Record<string, unknown> = JSON.parse(text);
        const texts = textsOf(text);
        for (const name of NAMES) {
          expect(Object.hasOwn(texts, name)).toBe(Object.hasOwn(parsed, name));
          const member = texts[name];
          if (member !== undefined) {
            expect(member).toBe(member.trim());
            expect(JSON.parse(member)).toEqual(parsed[name]);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});
