import { expect, test } from '@jest/globals';
import { artifactKillLoop } from '../src/artifacts/kill-loop.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';

test('no acknowledged artifact is lost or changed by 50 kills with SIGKILL, and no partial one is seen', async () => {
  const seed = Date.now() % 1_000_000; // another path each time; `soak artifacts 50 <seed>` runs a failing one again
  const summary = await withTempFolder((dataDir) => artifactKillLoop({ dataDir, rounds: 50, seed }));
  expect({ seed, broken: summary.broken }).toEqual({ seed, broken: [] });
  // The kills hit what they are meant to hit: uploads in the middle, and commits whose answer got lost.
  expect(summary.acknowledged).toBeGreaterThanOrEqual(50);
  expect(summary.temps).toBeGreaterThanOrEqual(25);
  expect(summary.storedUnanswered).toBeGreaterThanOrEqual(1);
}, 400_000);
