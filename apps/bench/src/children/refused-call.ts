// Times calls that the client refuses: with its queue full, and with its breaker open.
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketClient } from '@bhiv/bucket-client';
import { perform, type Task } from '../processes/child.ts';
import { timeCalls } from '../runner.ts';
import { agentResultCalls, sample } from '../sample-events.ts';

export type RefusedCall = Task<
  { readonly silentUrl: string; readonly closedUrl: string; readonly rounds: number },
  /** µs a call, round by round. */
  { readonly queueFull: number[]; readonly breakerOpen: number[] }
>;

/** Calls of one round. */
const CALLS = 20_000;
/** More than the queue holds. */
const TO_FILL = 100_000;
const PROBES = 20;

await perform<RefusedCall>(async ({ silentUrl, closedUrl, rounds }) => ({
  queueFull: await timeFullQueue(silentUrl, rounds),
  breakerOpen: await timeOpenBreaker(closedUrl, rounds),
}));

/** The queue of a client whose Bucket is silent: nothing leaves it before the first deadline, 2 s after the filling. */
async function timeFullQueue(url: string, rounds: number): Promise<number[]> {
  const client = new BucketClient({ url });
  writer(client)(0);
  await sleep(500); // the sender starts
  timeCalls(TO_FILL, writer(client));
  await sleep(100); // it takes as many as it may have on their way
  timeCalls(TO_FILL, writer(client));
  const before = client.stats().refused.queue_overflow;
  const costs = timeRounds(rounds, client);
  mustBe(rounds * CALLS, client.stats().refused.queue_overflow - before, 'queue_overflow');
  await client.close(50);
  return costs;
}

/** Nothing listens at `url`. One call a second is let through as the probe: PROBES of them would be many. */
async function timeOpenBreaker(url: string, rounds: number): Promise<number[]> {
  const client = new BucketClient({ url });
  while (client.stats().breaker === 'closed') {
    writer(client)(0);
    await sleep(5);
  }
  const before = client.stats().refused.breaker_open;
  const costs = timeRounds(rounds, client);
  mustBe(rounds * CALLS - PROBES, client.stats().refused.breaker_open - before, 'breaker_open');
  await client.close(50);
  return costs;
}

/** The first round is not counted: code gets compiled. */
function timeRounds(rounds: number, client: BucketClient): number[] {
  timeCalls(CALLS, writer(client));
  return Array.from({ length: rounds }, () => timeCalls(CALLS, writer(client)));
}

function writer(client: BucketClient): (i: number) => void {
  return (i) => {
    const { taskId, agentId, result } = sample(agentResultCalls, i);
    client.writeAgentResult(taskId, agentId, result);
  };
}

function mustBe(least: number, refused: number, reason: string): void {
  if (refused < least) throw new Error(`${refused} calls were refused as ${reason}, not ${least}`);
}
