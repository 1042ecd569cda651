// Writes events at a fixed rate, whatever Bucket makes of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenLoop } from '../load/open-loop.ts';
import { writeRequests } from '../load/write-requests.ts';
import { provide, type Service } from '../processes/child.ts';
import { quantile } from '../statistics.ts';

export interface WriterResult {
  readonly acknowledgedPerSecond: number;
  readonly refused: number;
  /** ms from when a write was due. */
  readonly p50: number;
  readonly p99: number;
}

export type OpenLoopWriter = Service<
  {
    readonly url: string;
    readonly perSecond: number;
    readonly connections: number;
    readonly warmUpMs: number;
  },
  null,
  WriterResult
>;

await provide<OpenLoopWriter>(async ({ warmUpMs, ...options }) => {
  const loop = await OpenLoop.start({ ...options, requests: writeRequests() });
  await sleep(warmUpMs);
  loop.count();
  return {
    ready: null,
    async stop() {
      const { latencies, seconds, answered, refused } = await loop.stop();
      const sorted = Array.from(latencies);
      return {
        acknowledgedPerSecond: (answered - refused) / seconds,
        refused,
        p50: quantile(sorted, 0.5),
        p99: quantile(sorted, 0.99),
      };
    },
  };
});
