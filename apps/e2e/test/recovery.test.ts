import { describe, expect, test } from '@jest/globals';
import { startSwitchable } from '../src/faults/fault-server.ts';
import { type FaultKind, faults } from '../src/faults/index.ts';
import { silent } from '../src/faults/raw-faults.ts';
import { threadModes } from '../src/outage/child-protocol.ts';
import { judgeOutage } from '../src/outage/judge.ts';
import { Measurements } from '../src/outage/measurement.ts';
import { measureOutage } from '../src/outage/outage-job.ts';
import { tellMissed } from './tell-missed.ts';

/**
 * Outages in which probes hang: a client that waits for one probe to fail before it starts the next is late by
 * its whole deadline. In the last one nothing ever tells the client that its old connections are dead.
 */
const hanging: FaultKind[] = [
  ...faults.filter(({ name }) => name === 'SYN black hole' || name === 'TLS that stalls'),
  {
    name: 'silent, and old connections stay silent for ever',
    failsAs: 'timeout',
    hangs: true,
    start: () => startSwitchable({ fault: silent, keepsOldSockets: true }),
  },
];
/** Bucket comes back at different places of the second between two probes. */
const HEAL_DELAYS_MS = [0, 300, 600, 900];

// All start here and run side by side; each test waits for its own.
const measurements = new Measurements();
const cells = hanging.flatMap((kind) =>
  threadModes.flatMap((thread) =>
    HEAL_DELAYS_MS.map((delay) => ({
      title: `${kind.name}, ${thread} thread, back ${delay} ms later`,
      judged: measurements.add(
        () => measureOutage(kind, thread, delay),
        (figures) => judgeOutage(kind, figures),
      ),
    })),
  ),
);

describe('events flow again within 1.5 s after Bucket is back, whenever it comes back', () => {
  test.each(cells)(
    '$title',
    async ({ title, judged }) => {
      const result = await judged;
      tellMissed(title, result);
      expect(result.verdict).toEqual({ facts: [], times: [] });
    },
    180_000,
  );
});
