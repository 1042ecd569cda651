import { describe, expect, test } from '@jest/globals';
import { rewardOf } from '../src/tasks/reward.ts';

describe('rewardOf', () => {
  test('is the geometric mean, to six decimals', () => {
    expect(rewardOf({ a: 0.5, b: 0.5 })).toBe(0.5);
    expect(rewardOf({ a: 1, b: 0.25 })).toBe(0.5);
    expect(rewardOf({ a: 1, b: 0.3 })).toBe(0.547723);
  });

  test('is nothing when one measure is nothing', () => {
    expect(rewardOf({ a: 1, b: 0 })).toBe(0);
  });

  test('takes a rounding error over 1 for 1, and no more than that', () => {
    expect(rewardOf({ a: 1 + Number.EPSILON })).toBe(1);
    expect(() => rewardOf({ a: 1.1 })).toThrow('"a" is 1.1');
  });

  test.each([{ a: Number.NaN }, { a: -0.1 }, {}])('refuses %j', (measures) => {
    expect(() => rewardOf(measures)).toThrow(RangeError);
  });
});
