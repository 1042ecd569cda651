import type { Outage, OutageResult } from '../children/outage.ts';
import type { SilentServer } from '../children/silent-server.ts';
import { closedUrl } from '../load/closed-url.ts';
import type { Measurement } from '../measurement.ts';
import { type Goal, type Row, rowOf } from '../row.ts';

const MB = 1_000_000;
const GOAL: Goal = { on: 'figure', atMost: 64 };

export const memory: Measurement = {
  name: 'memory',
  title: 'What an outage makes Core grow',
  goal: '10 million calls against a silent server grow the resident memory by no more than 64 MB, with the default queue of 8 MiB.',
  bound:
    'The worker thread with its own heap (it holds axios), the queue of 8 MiB, and what the collector of the calling thread leaves lying between two runs.',
  async run({ quick, processes, say }) {
    const server = await processes.start<SilentServer>(
      new URL('../children/silent-server.js', import.meta.url),
      null,
    );
    const calls = quick ? 1_000_000 : 10_000_000;
    const measure = async (what: string, url: string) => {
      const results: OutageResult[] = [];
      for (let round = 0; round < (quick ? 1 : 5); round++) {
        say(`${what}, round ${round + 1}`);
        results.push(
          await processes.run<Outage>(new URL('../children/outage.js', import.meta.url), {
            url,
            calls,
            between: 'millisecond',
          }),
        );
      }
      return rowsOf(what, results);
    };
    const silent = await measure('silent server', server.ready.url);
    await server.stop();
    const gone = await measure('Bucket gone', await closedUrl());
    return {
      rows: [...silent, ...gone],
      notes: [
        `${calls.toLocaleString('en')} calls with an event made anew for each, 1,000 every millisecond or so, which makes some 12 s of outage with the breaker opening and probing; one process for each round. Growth counts from just before the client is made; the peak is the one that the operating system keeps.`,
      ],
    };
  },
};

function rowsOf(what: string, results: readonly OutageResult[]): Row[] {
  const megabytes = (pick: (result: OutageResult) => number) => results.map((result) => pick(result) / MB);
  return [
    rowOf(
      { what: `${what}: growth at its peak`, unit: 'MB', goal: GOAL },
      megabytes((r) => r.peakGrowth),
    ),
    rowOf(
      { what: `${what}: growth after the last call`, unit: 'MB' },
      megabytes((r) => r.endGrowth),
    ),
    rowOf(
      { what: `${what}: calls accepted`, unit: '' },
      results.map(({ accepted }) => accepted),
    ),
  ];
}
