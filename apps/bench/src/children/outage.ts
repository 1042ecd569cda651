// A Core that keeps calling while Bucket is silent or gone: what the calls cost, and what they make the process grow.
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { BucketClient } from '@bhiv/bucket-client';
import { perform, type Task } from '../processes/child.ts';
import { envelopeOf, freshAgentResult } from '../sample-events.ts';

export interface OutageResult {
  /** µs a call, making the event included. */
  readonly call: number;
  /** µs for making the event alone. */
  readonly making: number;
  /** Resident bytes beyond those before the client was made: the most there ever were, and after the last call. */
  readonly peakGrowth: number;
  readonly endGrowth: number;
  readonly accepted: number;
  /** ms until close() settled. */
  readonly close: number;
}

export interface OutageInput {
  readonly url: string;
  readonly calls: number;
  /** Between two slices of calls: a turn of the event loop, or a wait, which makes the outage last longer. */
  readonly between: 'turn' | 'millisecond';
}

export type Outage = Task<OutageInput, OutageResult>;

/** Calls of one slice. */
const SLICE = 1000;

await perform<Outage>(async ({ url, calls, between }) => {
  // What runs anyway has run before the first look: the making of events, JSON, a turn of the event loop.
  for (let i = 0; i < 20_000; i++) JSON.stringify(envelopeOf(freshAgentResult(i)));
  const making = await inSlices(Math.min(calls, 1_000_000), 'turn', (i) => void freshAgentResult(i));
  await sleep(200);
  const before = process.memoryUsage.rss();

  const client = new BucketClient({ url });
  const call = await inSlices(calls, between, (i) => {
    client.writeEvent(freshAgentResult(i));
  });
  const endGrowth = process.memoryUsage.rss() - before;
  const { accepted, calls: counted } = client.stats();
  if (counted !== calls) throw new Error(`${calls} calls were made and ${counted} counted`);
  const start = performance.now();
  await client.close();
  const close = performance.now() - start;
  const peakGrowth = Math.max(process.resourceUsage().maxRSS * 1024 - before, endGrowth);
  return { call, making, peakGrowth, endGrowth, accepted, close };
});

/** µs a call; what is between the slices counts, since the client's callbacks run there. */
async function inSlices(
  calls: number,
  between: OutageInput['between'],
  call: (i: number) => void,
): Promise<number> {
  const start = performance.now();
  for (let done = 0; done < calls; done += SLICE) {
    for (let i = done; i < done + SLICE; i++) call(i);
    await (between === 'turn' ? turn() : sleep(1));
  }
  return ((performance.now() - start) * 1000) / calls;
}
