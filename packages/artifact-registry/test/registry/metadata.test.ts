import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_METADATA_BYTES, metadataText } from '../../src/registry/metadata.ts';

const text = (value: unknown) => metadataText('metadata', value);

describe('metadata', () => {
  test('JSON objects are taken as they are', () => {
    const value = { task: 'code', n: [1, -0.5, null, true], nested: { '': { a: 'é😀' } } };
    expect(JSON.parse(text(value))).toEqual(value);
    expect(text(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
    expect(text(JSON.parse('{"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1}}');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (given) => {
        expect(JSON.parse(text(given))).toEqual(JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  const cycle: Record<string, unknown> = {};
  cycle.again = { cycle };
  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'metadata is undefined and must be a plain object.'],
    ['null', null, 'metadata is null and must be a plain object.'],
    ['a text', '{}', 'metadata is "{}" and must be a plain object.'],
    ['an array', [1], 'metadata is an array and must be a plain object.'],
    ['a Map', new Map(), 'metadata is an object and must be a plain object.'],
    ['undefined inside', { a: { b: undefined } }, 'metadata.a.b is undefined and is not JSON'],
    ['a function', { a: () => 1 }, 'metadata.a is a function and is not JSON'],
    ['a Date', { a: [new Date(0)] }, 'metadata.a[0] is an object and is not JSON'],
    ['a bigint', { a: 1n }, 'metadata.a is 1 and is not JSON'],
    ['a symbol', { a: Symbol('s') }, 'metadata.a is Symbol(s) and is not JSON'],
    ['NaN', { a: Number.NaN }, 'metadata.a is NaN and JSON has no such number'],
    ['Infinity', { a: Number.POSITIVE_INFINITY }, 'metadata.a is Infinity and JSON has no such number'],
    ['a hole', { a: new Array(1) }, 'metadata.a[0] is undefined'],
    ['half a character', { a: 'x\ud83d' }, 'holds half of a surrogate pair'],
    ['half a character in a key', { '\udc00': 1 }, 'holds half of a surrogate pair'],
    ['a cycle', cycle, 'lies more than 32 levels deep'],
    ['toJSON', { toJSON: () => ({}) }, 'metadata.toJSON is a function'],
  ])('%s is refused', (_, value, words) => {
    const expected = {
      name: 'RegistryError',
      code: 'invalid_metadata',
      message: expect.stringContaining(words),
    };
    expect(() => text(value)).toThrow(expect.objectContaining(expected));
  });

  test('it is bounded in bytes, exactly', () => {
    const fits = { s: 'x'.repeat(MAX_METADATA_BYTES - '{"s":""}'.length) };
    expect(text(fits).length).toBe(MAX_METADATA_BYTES);
    const tooLarge = { code: 'invalid_metadata', expected: MAX_METADATA_BYTES };
    expect(() => text({ s: `${fits.s}x` })).toThrow(expect.objectContaining(tooLarge));
    expect(() => text({ s: 'é'.repeat(MAX_METADATA_BYTES / 2) })).toThrow(expect.objectContaining(tooLarge));
    expect(() => text({ s: '\n'.repeat(MAX_METADATA_BYTES / 2) })).toThrow(expect.objectContaining(tooLarge));
  });

  test('what is far too large is refused before it is gone through', () => {
    const row = Array(1000).fill(0);
    const huge = Array.from({ length: 10_000 }, () => row);
    const started = performance.now();
    expect(() => text({ huge })).toThrow('metadata has more than 65536 bytes as JSON');
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
