import { expect, test } from '@jest/globals';
import { killLoop } from '../src/durability/kill-loop.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';

test('every acknowledged event is there after 50 kills with SIGKILL, once', async () => {
  const seed = Date.now() % 1_000_000; // another path each time; `soak 50 <seed>` runs a failing one again
  const summary = await withTempFolder((dataDir) => killLoop({ dataDir, rounds: 50, seed }));
  expect({ seed, broken: summary.broken }).toEqual({ seed, broken: [] });
  expect(summary.acknowledged).toBeGreaterThanOrEqual(50);
});
