import { expect, test } from '@jest/globals';
import { race } from '../src/artifacts/race.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';

const ROUNDS = 100;
const CLIENTS = 64;

test('64 clients put different bytes to one version, 100 times: one 201 and 63 409s each, and the winner is stored', async () => {
  const summary = await withTempFolder((dataDir) => race({ dataDir, rounds: ROUNDS, clients: CLIENTS }));
  expect(summary.broken).toEqual([]);
  expect(summary).toMatchObject({ rounds: ROUNDS, won: ROUNDS, lost: ROUNDS * (CLIENTS - 1) });
}, 120_000);
