import { expect, test } from '@jest/globals';
import { interleave, timeCalls } from '../src/runner.ts';

/** Two contestants that note their turns; each turn costs one more than the one before. */
function contestants() {
  const turns: string[] = [];
  const costs = { a: 0, b: 100 };
  const contestant = (name: 'a' | 'b') => ({
    name,
    round() {
      turns.push(name);
      return costs[name]++;
    },
  });
  return { turns, both: [contestant('a'), contestant('b')] };
}

test('sides take turns, the order is turned round each time, and warm-up rounds are not counted', async () => {
  const { turns, both } = contestants();
  const costs = await interleave(both, { warmUp: 1, counted: 3 });
  expect(turns.join('')).toBe('abbaabba');
  expect(costs).toEqual({ a: [1, 2, 3], b: [101, 102, 103] });
});

test('with several turns a round, its cost is their mean', async () => {
  const { turns, both } = contestants();
  const costs = await interleave(both, { warmUp: 0, counted: 2, turns: 2 });
  expect(turns.join('')).toBe('abbaabba');
  expect(costs).toEqual({ a: [0.5, 2.5], b: [100.5, 102.5] });
});

test('settles before each round, warm-up included', async () => {
  const { turns, both } = contestants();
  await interleave(both, {
    warmUp: 1,
    counted: 1,
    turns: 2,
    settle: async () => void turns.push('.'),
  });
  expect(turns.join('')).toBe('.abba.abba');
});

test('calls are timed by the call', () => {
  const seen: number[] = [];
  const spin = (i: number) => {
    seen.push(i);
    const end = performance.now() + 2;
    while (performance.now() < end);
  };
  expect(timeCalls(3, spin)).toBeGreaterThanOrEqual(1999);
  expect(seen).toEqual([0, 1, 2]);
});
