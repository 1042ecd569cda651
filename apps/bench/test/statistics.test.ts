import { describe, expect, test } from '@jest/globals';
import { quantile, ratio, summarize } from '../src/statistics.ts';

describe('quantile', () => {
  test('gives samples, and points between them', () => {
    const samples = [40, 10, 30, 20];
    expect(quantile(samples, 0)).toBe(10);
    expect(quantile(samples, 0.5)).toBe(25);
    expect(quantile(samples, 1)).toBe(40);
    expect(samples).toEqual([40, 10, 30, 20]);
  });

  test('sorts by number, not by text', () => {
    expect(quantile([9, 10, 100], 0.5)).toBe(10);
  });

  test('gives NaN where there is nothing', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

test('a summary is the median between the quartiles', () => {
  expect(summarize([1, 2, 3, 4, 5])).toEqual({ median: 3, low: 2, high: 4 });
});

describe('ratio', () => {
  test('compares round by round, so what slows a whole round down does not count', () => {
    expect(ratio([2, 20, 2], [1, 10, 1])).toEqual({ median: 2, low: 2, high: 2 });
  });

  test('refuses to compare what has not the same rounds', () => {
    expect(() => ratio([1, 2], [1])).toThrow('2 rounds cannot be compared with 1');
  });
});
