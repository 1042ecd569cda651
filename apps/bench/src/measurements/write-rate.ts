import type { AnsweringServer } from '../children/answering-server.ts';
import type { ClosedLoopWriter } from '../children/closed-loop-writer.ts';
import type { Measurement } from '../measurement.ts';
import { startBucket } from '../processes/bucket-process.ts';
import { rowBeside } from '../row.ts';
import { interleave } from '../runner.ts';

const CONNECTIONS = 64;

export const writeRate: Measurement = {
  name: 'write-rate',
  title: 'How many single events a second Bucket stores durably',
  bound:
    'The fsync of a commit, for which all connections wait together, and the two cores that the generator, Bucket’s event loop (HTTP, the checks) and its writing thread share. Events that arrive during a commit share the next one.',
  async run({ quick, processes, temporaryFolder }) {
    const bucket = await startBucket(processes, await temporaryFolder());
    const bare = await processes.start<AnsweringServer>(
      new URL('../children/answering-server.js', import.meta.url),
      null,
    );
    const written = (url: string) => () =>
      processes.run<ClosedLoopWriter>(new URL('../children/closed-loop-writer.js', import.meta.url), {
        url,
        connections: CONNECTIONS,
        warmUpMs: 500,
        countedMs: quick ? 1000 : 3000,
      });
    const rates = await interleave(
      [
        { name: 'bucket', round: written(bucket.url) },
        { name: 'bare', round: written(bare.ready.url) },
      ],
      { warmUp: 1, counted: quick ? 4 : 15 },
    );
    await bucket.stop();
    await bare.stop();
    return {
      rows: [
        rowBeside(
          { what: `events over ${CONNECTIONS} connections, each answered after its fsync`, unit: '/s' },
          rates.bucket,
          { what: 'bare node:http, nothing stored', rounds: rates.bare },
        ),
      ],
      notes: [
        'The load generator is a Node process of its own that shares the machine with the server; at the rate of the bare server it is the generator that is the limit, or near it.',
      ],
    };
  },
};
