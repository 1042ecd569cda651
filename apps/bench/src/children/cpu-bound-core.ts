// A Core that computes all the time and writes events beside it: how much of its computing does the writing cost?
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketClient } from '@bhiv/bucket-client';
import { perform, type Task } from '../processes/child.ts';
import { Processes } from '../processes/processes.ts';
import { interleave } from '../runner.ts';
import { freshAgentResult } from '../sample-events.ts';
import type { SteadyWriter } from './steady-writer.ts';

export interface CpuBoundInput {
  readonly url: string;
  readonly perSecond: number;
  readonly rounds: number;
  readonly roundMs: number;
}

/** Units of work a second, round by round. */
export interface CpuBoundResult {
  readonly enabled: number[];
  readonly disabled: number[];
  /** The client is disabled, and another process writes the same events to the same Bucket. */
  readonly elsewhere: number[];
  /** Of the events of the enabled rounds, the share that Bucket acknowledged. */
  readonly delivered: number;
}

export type CpuBoundCore = Task<CpuBoundInput, CpuBoundResult>;

/** Core computes for so long before it lets its event loop turn. */
const SLICE_MS = 2;
/** After a change of who writes, before it is timed. */
const SETTLE_MS = 300;
/** So many rounds of each kind until the code of the client, the writer and Bucket is compiled. */
const WARM_UP = 5;

const DOCUMENT = {
  title: 'What the sensors said',
  paragraphs: Array.from({ length: 20 }, (_, i) => `Paragraph ${i} says what paragraph ${i - 1} left out.`),
};

await perform<CpuBoundCore>(async ({ url, perSecond, rounds, roundMs }) => {
  const enabled = new BucketClient({ url });
  const disabled = new BucketClient({ url, enabled: false });
  const processes = new Processes();
  const script = new URL('./steady-writer.js', import.meta.url);
  const writer = await processes.start<SteadyWriter>(script, { url, perSecond });
  const compute = async (client: BucketClient) => {
    await sleep(SETTLE_MS);
    return runCore(client, perSecond, roundMs);
  };

  const throughput = await interleave(
    [
      { name: 'enabled', round: () => compute(enabled) },
      { name: 'disabled', round: () => compute(disabled) },
      {
        name: 'elsewhere',
        async round() {
          writer.tell('resume');
          const units = await compute(disabled);
          writer.tell('pause');
          return units;
        },
      },
    ],
    { warmUp: WARM_UP, counted: rounds },
  );
  await writer.stop();
  await enabled.flush();
  const { calls, delivered } = enabled.stats();
  await enabled.close();
  return { ...throughput, delivered: delivered / calls };
});

/** Computes in slices and writes the events that are due after each; gives units of work a second. */
async function runCore(client: BucketClient, perSecond: number, milliseconds: number): Promise<number> {
  const start = performance.now();
  let written = 0;
  let units = 0;
  for (let now = start; now - start < milliseconds; now = performance.now()) {
    const sliceEnd = now + SLICE_MS;
    while (performance.now() < sliceEnd) work(units++);
    const due = ((performance.now() - start) * perSecond) / 1000;
    for (; written < due; written++) client.writeEvent(freshAgentResult(written));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (units * 1000) / (performance.now() - start);
}

/** One unit of work, some 0.01 ms of JSON and hashing: what an agent does to a text is of this kind. */
function work(i: number): string {
  const copy = JSON.parse(JSON.stringify({ ...DOCUMENT, i }));
  return createHash('sha256').update(JSON.stringify(copy)).digest('hex');
}
