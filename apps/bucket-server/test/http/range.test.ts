import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { entityTags, hasStrongly, hasWeakly } from '../../src/http/entity-tags.ts';
import { parseRange } from '../../src/http/range.ts';

describe('parseRange', () => {
  test('a range that it gives lies within the bytes and is not empty, whatever is asked', () => {
    const number = fc.oneof(fc.constant(''), fc.maxSafeNat().map(String), fc.nat(20).map(String));
    fc.assert(
      fc.property(number, number, fc.nat(20), (from, to, size) => {
        const range = parseRange(`bytes=${from}-${to}`, size);
        if (range === undefined || range === 'unsatisfiable') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThan(range.start);
        expect(range.end).toBeLessThanOrEqual(size);
        if (from !== '') expect(range.start).toBe(Number(from));
      }),
    );
  });

  test('any text at all is a range, unsatisfiable or ignored', () => {
    fc.assert(fc.property(fc.string(), fc.nat(), (text, size) => void parseRange(text, size)));
  });
});

describe('entity tags', () => {
  test('are found in any list', () => {
    const tag = fc.stringMatching(/^(W\/)?"[!#-~]{0,8}"$/);
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1 }), (tags) => {
        expect(entityTags(tags.join(', '))).toEqual(tags);
        expect(entityTags(` ${tags.join(' , ')} `)).toEqual(tags);
      }),
    );
  });

  test('weak and strong', () => {
    expect(hasWeakly(['W/"a"'], '"a"')).toBe(true);
    expect(hasStrongly(['W/"a"'], '"a"')).toBe(false);
    expect(hasStrongly(['"a"'], '"a"')).toBe(true);
    expect(hasWeakly([], '"a"')).toBe(false);
    expect([hasWeakly('*', '"a"'), hasStrongly('*', '"a"')]).toEqual([true, true]);
    expect(entityTags(' * ')).toBe('*');
    expect(entityTags('nonsense')).toEqual([]);
  });
});
