// Reads from Buckets, one request after the other, the Buckets in turn.
import { Connection, getRequest } from '../load/connection.ts';
import { perform, type Task } from '../processes/child.ts';
import { interleave } from '../runner.ts';
import { quantile } from '../statistics.ts';

export interface ReaderInput {
  readonly small: string;
  readonly large: string;
  /** Asked in turn. */
  readonly paths: readonly string[];
  readonly rounds: number;
}

/** ms: the median of each round, and the 99th percentile over all of them. */
export interface Latencies {
  readonly medians: number[];
  readonly p99: number;
}

export type Reader = Task<ReaderInput, { readonly small: Latencies; readonly large: Latencies }>;

const READS_PER_ROUND = 50;
const WARM_UP = 10;

await perform<Reader>(async ({ small, large, paths, rounds }) => {
  const ofSmall = await readsOf(small, paths);
  const ofLarge = await readsOf(large, paths);
  const { small: smallMedians, large: largeMedians } = await interleave(
    [
      { name: 'small', round: ofSmall.round },
      { name: 'large', round: ofLarge.round },
    ],
    { warmUp: WARM_UP, counted: rounds },
  );
  return {
    small: { medians: smallMedians, p99: ofSmall.p99() },
    large: { medians: largeMedians, p99: ofLarge.p99() },
  };
});

async function readsOf(url: string, paths: readonly string[]) {
  const connection = await Connection.open(url);
  const requests = paths.map(getRequest);
  const all: number[] = [];
  let next = 0;

  const read = async () => {
    const request = requests[next++ % requests.length];
    if (request === undefined) throw new Error('a reader needs paths');
    const start = performance.now();
    const status = await connection.exchange(request);
    if (status !== 200) throw new Error(`${url} answered ${status}`);
    return performance.now() - start;
  };
  return {
    async round(): Promise<number> {
      const latencies: number[] = [];
      for (let i = 0; i < READS_PER_ROUND; i++) latencies.push(await read());
      all.push(...latencies);
      return quantile(latencies, 0.5);
    },
    p99: () => quantile(all.slice(WARM_UP * READS_PER_ROUND), 0.99),
  };
}
