import { expect, test } from '@jest/globals';
import { artifactKillLoop } from '../src/artifacts/kill-loop.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';

test('no acknowledged artifact is lost or changed by 5 kills with SIGKILL, and no partial one is seen', async () => {
  const seed = Date.now() % 1_000_000;
  const summary = await withTempFolder((dataDir) => artifactKillLoop({ dataDir, rounds: 5, seed }));
  expect({ seed, broken: summary.broken }).toEqual({ seed, broken: [] });
}, 60_000);
