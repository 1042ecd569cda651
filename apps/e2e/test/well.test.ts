import { describe, expect, test } from '@jest/globals';
import { startSwitchable } from '../src/faults/fault-server.ts';
import { type ThreadMode, threadModes } from '../src/outage/child-protocol.ts';
import { judgeBurst } from '../src/outage/judge.ts';
import { Measurements } from '../src/outage/measurement.ts';
import { measureBurst, type NaturalFigures } from '../src/outage/natural-job.ts';
import { BucketProcess } from '../src/processes/bucket-process.ts';
import { RawClient } from '../src/processes/raw-client.ts';
import { withTempFolder } from '../src/processes/temp-folder.ts';
import { tellMissed } from './tell-missed.ts';

const EVENTS = 1_000;
const WARM_UP = 1_000;

/** An event of the measured child, as far as it matters here. */
interface Numbered {
  readonly metadata: { readonly n: number };
}

interface Burst extends NaturalFigures {
  readonly arrived: readonly Numbered[];
}

/** The events of a process that writes 1,000 in one go and ends, at a real Bucket of ours. */
function burstAtBucket(thread: ThreadMode): Promise<Burst> {
  return withTempFolder(async (dataDir) => {
    const bucket = await BucketProcess.start({ dataDir });
    try {
      const client = new RawClient(bucket.url);
      // a Bucket that has been running for a while: a new process compiles its code in the first requests
      for (let i = 0; i < WARM_UP; i++) await client.write({ event_type: 'warm_up' });
      const figures = await measureBurst(bucket.url, thread, EVENTS);
      const { events } = JSON.parse((await client.get(`/core/events?limit=${EVENTS}`)).text);
      client.close();
      return { ...figures, arrived: events };
    } finally {
      await bucket.stop();
    }
  });
}

/** The same at the smallest Bucket that speaks v1.0. */
async function burstAtOldBucket(thread: ThreadMode): Promise<Burst> {
  const server = await startSwitchable({ fault: (socket) => socket.destroy() });
  try {
    await server.heal();
    const figures = await measureBurst(server.url, thread, EVENTS);
    const arrived = server.arrivals.map(({ event }) => event as unknown as Numbered); // what the child writes
    return { ...figures, arrived };
  } finally {
    await server.stop();
  }
}

const buckets = { 'this Bucket': burstAtBucket, 'a v1.0 Bucket': burstAtOldBucket };
const cells = Object.entries(buckets).flatMap(([bucket, burst]) =>
  threadModes.map((thread) => ({ title: `${bucket}, ${thread} thread`, burst: () => burst(thread) })),
);

describe('1,000 events followed by the natural end of the program all arrive', () => {
  test.each(cells)(
    '$title',
    async ({ title, burst }) => {
      const judged = await new Measurements().add(burst, (figures) => judgeBurst(figures, EVENTS));
      tellMissed(title, judged);
      expect(judged.verdict).toEqual({ facts: [], times: [] });
      const numbers = judged.figures.arrived.map(({ metadata }) => metadata.n).sort((a, b) => a - b);
      expect(numbers).toEqual(Array.from({ length: EVENTS }, (_, index) => index + 1));
    },
    60_000,
  );
});
