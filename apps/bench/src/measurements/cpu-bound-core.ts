import type { CpuBoundCore } from '../children/cpu-bound-core.ts';
import type { Measurement } from '../measurement.ts';
import { startBucket } from '../processes/bucket-process.ts';
import { type Row, rowBeside, rowOf } from '../row.ts';

const PER_SECOND = 500;

export const cpuBoundCore: Measurement = {
  name: 'cpu-bound-core',
  title: 'What 500 events a second take from a Core that computes all the time',
  goal: 'A CPU-bound Core that writes 500 events/s loses at most 5 % of its throughput against the same Core with the client disabled.',
  bound:
    'The calls themselves, each of which wakes the sender thread, and the cores: the sender and Bucket work on the other one, which shares caches (and, on many machines, a physical core) with Core.',
  async run({ quick, processes, temporaryFolder }) {
    const bucket = await startBucket(processes, await temporaryFolder());
    const result = await processes.run<CpuBoundCore>(
      new URL('../children/cpu-bound-core.js', import.meta.url),
      {
        url: bucket.url,
        perSecond: PER_SECOND,
        rounds: quick ? 5 : 25,
        roundMs: quick ? 1000 : 2000,
      },
    );
    await bucket.stop();
    const { enabled, disabled, elsewhere, delivered } = result;
    return {
      rows: [
        lossRow(`${PER_SECOND} events/s written by Core`, enabled, disabled, true),
        lossRow('the same events written by another process, Core’s client disabled', elsewhere, disabled),
        lossRow('Core writes, against another process that does', enabled, elsewhere),
        rowBeside({ what: 'units of work, client enabled', unit: '/s' }, enabled, {
          what: 'client disabled',
          rounds: disabled,
        }),
        rowOf({ what: 'of the events written, acknowledged by Bucket', unit: '%' }, [delivered * 100]),
      ],
      notes: [
        'One process with two clients, one of them with `enabled: false`, computing (JSON, SHA-256) in slices of 2 ms with a turn of the event loop between; a real Bucket in another process, which stores every event. Rounds take turns.',
        'The second row is what the same traffic costs Core when not one line of it runs in Core: only the other core is busy. The third row is what is left for the client itself, its sender thread included.',
      ],
    };
  },
};

/** Percent of throughput lost, round by round. */
function lossRow(
  what: string,
  throughput: readonly number[],
  reference: readonly number[],
  judged = false,
): Row {
  const losses = throughput.map((value, round) => 100 * (1 - value / (reference[round] ?? Number.NaN)));
  return rowOf(
    { what: `throughput lost: ${what}`, unit: '%', ...(judged && { goal: { on: 'figure', atMost: 5 } }) },
    losses,
  );
}
