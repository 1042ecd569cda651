import type { Outage, OutageResult } from '../children/outage.ts';
import type { SilentServer } from '../children/silent-server.ts';
import { closedUrl } from '../load/closed-url.ts';
import type { Measurement } from '../measurement.ts';
import { type Row, rowBeside, rowOf } from '../row.ts';

const CALLS = 200_000;
const MB = 1_000_000;

export const outageCall: Measurement = {
  name: 'outage-call',
  title: 'An outage as Core feels it',
  bound:
    'Most calls of an outage are refused ones; making the event is dearer than having it refused. close() waits for what is on its way until its deadline.',
  async run({ quick, processes }) {
    const server = await processes.start<SilentServer>(
      new URL('../children/silent-server.js', import.meta.url),
      null,
    );
    const measure = async (what: string, url: string) => {
      const results: OutageResult[] = [];
      for (let round = 0; round < (quick ? 2 : 10); round++) {
        results.push(
          await processes.run<Outage>(new URL('../children/outage.js', import.meta.url), {
            url,
            calls: CALLS,
            between: 'turn',
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
        `${CALLS.toLocaleString('en')} calls in one process, an event made anew for each.`,
        'Other event clients, measured earlier on another machine of this size with its own set-up, so of use for the order of magnitude only: a call with the server gone or silent takes 1.8 to 2.0 µs (posthog-node), 3.1 to 4.7 µs (segment analytics-node), 0.9 µs (OpenTelemetry logs); the resident memory after 200,000 calls against a silent server grew by 100, 1,220 and 15 MB (the last keeps 2,048 events and drops the rest); close() against it took 30, 75 and 20 s.',
      ],
    };
  },
};

function rowsOf(what: string, results: readonly OutageResult[]): Row[] {
  return [
    rowBeside(
      { what: `${what}: making an event and writing it`, unit: 'µs' },
      results.map(({ call }) => call),
      { what: 'making it', rounds: results.map(({ making }) => making) },
    ),
    rowOf(
      { what: `${what}: growth of the resident memory at its peak`, unit: 'MB' },
      results.map(({ peakGrowth }) => peakGrowth / MB),
    ),
    rowOf(
      { what: `${what}: close()`, unit: 'ms' },
      results.map(({ close }) => close),
    ),
  ];
}
