import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { acceptEvent } from '../../src/events/accept-event.ts';
import { objectText, spelledName } from '../helpers/json-text.ts';

const NOW = new Date('2026-01-29T10:30:00.123Z');

describe('acceptEvent', () => {
  test('takes what the store keeps from the event', () => {
    const text = '{"event_type":"x","agent_id":"a","timestamp":"yesterday","n":1.0}';
    expect(acceptEvent(Buffer.from(`{"requester_id":"bhiv_core","event_data":${text}}`), NOW)).toEqual({
      receivedAt: '2026-01-29T10:30:00.123Z',
      requesterId: 'bhiv_core',
      agentId: 'a',
      eventType: 'x',
      timestamp: 'yesterday',
      text,
    });
  });

  test.each(['{"event_type":"x"}', '{"event_type":"x","agent_id":null,"timestamp":null}'])(
    'stamps the time of receipt and knows no agent: %s',
    (text) => {
      const record = acceptEvent(Buffer.from(`{"requester_id":"bhiv_core","event_data":${text}}`), NOW);
      expect(record).toMatchObject({ agentId: null, timestamp: NOW.toISOString(), text });
    },
  );

  test('text that is not UTF-8 is refused, and leaves nothing behind for the next event', () => {
    const cut = Buffer.from('{"requester_id":"bhiv_core","event_data":{"event_type":"ü"}}').subarray(0, -4);
    expect(() => acceptEvent(cut, NOW)).toThrow(expect.objectContaining({ code: 'invalid_json' }));
    const whole = Buffer.from('{"requester_id":"bhiv_core","event_data":{"event_type":"ü"}}');
    expect(acceptEvent(whole, NOW).eventType).toBe('ü');
  });

  test('a byte order mark is let pass', () => {
    const body = Buffer.from('\ufeff{"requester_id":"bhiv_core","event_data":{"event_type":"x"}}');
    expect(acceptEvent(body, NOW).text).toBe('{"event_type":"x"}');
  });

  test('keeps the text of the last event_data, however the key is written', () => {
    const event = objectText(['event_type'])
      .map((text) => text.trim())
      .filter((text) => text !== '{}' && !/^\{\s+\}$/.test(text))
      .map(
        (text) =>
          `{"event_type":"x","timestamp":"t","agent_id":"a","metadata":{},"task_id":"t", "z":${text}}`,
      );
    fc.assert(
      fc.property(spelledName('event_data'), objectText([]), event, (key, other, text) => {
        const body = `{"event_data":${other},"requester_id":"bhiv_core", ${key} :\n${text} }`;
        expect(acceptEvent(Buffer.from(body), NOW).text).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
