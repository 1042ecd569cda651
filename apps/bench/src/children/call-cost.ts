// Times calls of the client beside JSON.stringify of the same envelopes, in one process.
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketClient } from '@bhiv/bucket-client';
import { perform, type Task } from '../processes/child.ts';
import { interleave, timeCalls } from '../runner.ts';
import {
  agentResultCalls,
  agentResultEvents,
  bytesOf,
  envelopeOf,
  rlOutcomeEvents,
  sample,
} from '../sample-events.ts';

/** µs a call, round by round. */
export interface CallCosts {
  readonly call: number[];
  readonly stringify: number[];
  readonly stringifyAndCount: number[];
}

export interface CallCostResult {
  readonly agentResult: CallCosts;
  readonly resultEvent: CallCosts;
  readonly rlEvent: CallCosts;
  /** One call every 2 ms: the sender sleeps before each and has to be woken. */
  readonly lone: { readonly call: number[]; readonly stringify: number[] };
  /** Bytes of an envelope, on average. */
  readonly bytes: { readonly agentResult: number; readonly rlOutcome: number };
  /** The share of the calls whose events the server acknowledged. */
  readonly delivered: number;
}

export type CallCost = Task<{ readonly url: string; readonly rounds: number }, CallCostResult>;

/** Each side has so many turns of so many calls in a round. */
const TURNS = 6;
const CALLS = 50;
/** Events that are written first, so that the sender is at work in its thread while either side is timed. */
const AHEAD = 200;
/** A lone call every so many ms: 500 a second. */
const PAUSE_MS = 2;

await perform<CallCost>(async ({ url, rounds }) => {
  const client = new BucketClient({ url });
  const resultEnvelopes = agentResultEvents.map((event) => envelopeOf(event));
  const rlEnvelopes = rlOutcomeEvents.map((event) => envelopeOf(event));
  const writeAgentResult = (i: number) => {
    const { taskId, agentId, result } = sample(agentResultCalls, i);
    client.writeAgentResult(taskId, agentId, result);
  };

  const settle = async () => {
    await client.flush();
    timeCalls(AHEAD, writeAgentResult);
    await sleep(1);
  };
  const compare = (call: (i: number) => void, envelopes: readonly object[]) =>
    interleave(
      [
        { name: 'call', round: () => timeCalls(CALLS, call) },
        { name: 'stringify', round: () => timeCalls(CALLS, (i) => JSON.stringify(sample(envelopes, i))) },
        { name: 'stringifyAndCount', round: () => timeCalls(CALLS, (i) => bytesOf(sample(envelopes, i))) },
      ],
      { warmUp: 40, counted: rounds, turns: TURNS, settle },
    );

  const agentResult = await compare(writeAgentResult, resultEnvelopes);
  const resultEvent = await compare((i) => client.writeEvent(sample(agentResultEvents, i)), resultEnvelopes);
  const rlEvent = await compare((i) => client.writeEvent(sample(rlOutcomeEvents, i)), rlEnvelopes);
  await client.flush();
  let turn = 0;
  const alone = async (call: () => void) => {
    await sleep(PAUSE_MS);
    return timeCalls(1, call);
  };
  const lone = await interleave(
    [
      { name: 'call', round: () => alone(() => writeAgentResult(turn)) },
      { name: 'stringify', round: () => alone(() => JSON.stringify(sample(resultEnvelopes, turn++))) },
    ],
    { warmUp: 50, counted: rounds * 5 },
  );
  await client.close();
  const { calls, delivered } = client.stats();
  const bytes = {
    agentResult: mean(resultEnvelopes.map(bytesOf)),
    rlOutcome: mean(rlEnvelopes.map(bytesOf)),
  };
  return { agentResult, resultEvent, rlEvent, lone, bytes, delivered: delivered / calls };
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
