import { expect, test } from '@jest/globals';
import { killLoop } from '../src/durability/kill-loop.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';

test('every acknowledged event is there after 5 kills with SIGKILL, once', async () => {
  const summary = await withTempFolder((dataDir) => killLoop({ dataDir, rounds: 5 }));
  expect(summary.broken).toEqual([]);
  // At least the first answer that every round waits for.
  expect(summary.acknowledged).toBeGreaterThanOrEqual(5);
}, 60_000);
