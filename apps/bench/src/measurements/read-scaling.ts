import { statfs } from 'node:fs/promises';
import type { FillStore } from '../children/fill-store.ts';
import type { OpenLoopReader, OpenLoopReaderResult } from '../children/open-loop-reader.ts';
import type { OpenLoopWriter, WriterResult } from '../children/open-loop-writer.ts';
import type { Latencies, Reader } from '../children/reader.ts';
import type { Context, Measurement } from '../measurement.ts';
import { startBucket } from '../processes/bucket-process.ts';
import { type Row, rowBeside, rowOf } from '../row.ts';

const AGENTS = 1000;
const FEW = 1000;
const WRITES_PER_SECOND = 5000;
const READS_PER_SECOND = 100;
/** What an event takes on disk, with room for the write-ahead log. */
const BYTES_PER_EVENT = 900;
/** Up to here two medians count as the same. */
const SAME = 1.5;

const CONTEXTS = Array.from(
  { length: 97 },
  (_, i) => `/core/read-context?agent_id=agent_${(i * 31) % AGENTS}&requester_id=bhiv_core`,
);
const READS = [
  { what: 'read-context', paths: CONTEXTS },
  { what: '/core/stats', paths: ['/core/stats'] },
  { what: '/core/events?limit=100', paths: ['/core/events?limit=100'] },
];

export const readScaling: Measurement = {
  name: 'read-scaling',
  title: 'What reads cost with few and with many events stored',
  goal: 'Context, stats and /core/events cost the same with 1,000 and with 5,000,000 stored events (the same: at most 1.5 × in the median); p99 of a context read is under 5 ms at 5,000,000 while 5,000 events/s come in.',
  bound:
    'At rest, HTTP and Express: the look-up itself is one row of an index. Under the load of writes, two cores that are shared by the generator, Bucket and its threads: reads wait for a core, and for their turn in Bucket’s event loop.',
  async run(context) {
    const many = context.quick ? 200_000 : 5_000_000;
    const small = await filledFolder(context, FEW);
    const large = await filledFolder(context, many);
    const rows = [
      ...(await compareAtRest(context, small, large, many)),
      ...(await readUnderLoad(context, large, many)),
    ];
    return {
      rows,
      notes: [
        `Both stores know the same ${AGENTS.toLocaleString('en')} agents and were filled through Bucket's own event store; both files are in the page cache. At rest one reader asks the two Buckets in turn, one request at a time, on one connection each.`,
        `Under load a writer process sends ${WRITES_PER_SECOND.toLocaleString('en')} events/s over 64 connections and a reader process ${READS_PER_SECOND} context reads/s over 8, both at a fixed rate: a latency counts from the moment at which the request was due, the wait for a timer (up to 1 ms) and for a free connection included. The rounds follow each other on one Bucket.`,
      ],
    };
  },
};

async function filledFolder({ processes, temporaryFolder, say }: Context, events: number): Promise<string> {
  const folder = await temporaryFolder();
  const { bavail, bsize } = await statfs(folder);
  const [free, needed] = [bavail * bsize, events * BYTES_PER_EVENT];
  if (free < needed) {
    throw new Error(`${folder} has ${free} bytes free and ${needed} are needed: set TMPDIR to a larger disk`);
  }
  say(`storing ${events.toLocaleString('en')} events in ${folder}`);
  const { seconds } = await processes.run<FillStore>(
    new URL('../children/fill-store.js', import.meta.url),
    { folder, events, agents: AGENTS },
    { onProgress: say },
  );
  say(`stored in ${seconds.toFixed(1)} s`);
  return folder;
}

async function compareAtRest(context: Context, small: string, large: string, many: number): Promise<Row[]> {
  const { processes, quick, say } = context;
  const few = await startBucket(processes, small);
  const lots = await startBucket(processes, large);
  const rows: Row[] = [];
  for (const { what, paths } of READS) {
    say(`reading ${what}`);
    const result = await processes.run<Reader>(new URL('../children/reader.js', import.meta.url), {
      small: few.url,
      large: lots.url,
      paths,
      rounds: quick ? 20 : 100,
    });
    rows.push(...rowsOf(what, result, many));
  }
  await few.stop();
  await lots.stop();
  return rows;
}

function rowsOf(what: string, { small, large }: { small: Latencies; large: Latencies }, many: number): Row[] {
  const size = `${many.toLocaleString('en')} events`;
  const reference = `${FEW.toLocaleString('en')} events`;
  return [
    rowBeside(
      { what: `${what}, ${size}: p50`, unit: 'ms', goal: { on: 'ratio', atMost: SAME } },
      large.medians,
      { what: reference, rounds: small.medians },
    ),
    rowBeside({ what: `${what}, ${size}: p99`, unit: 'ms' }, [large.p99], {
      what: reference,
      rounds: [small.p99],
    }),
  ];
}

async function readUnderLoad(context: Context, large: string, many: number): Promise<Row[]> {
  const { processes, quick, say } = context;
  const bucket = await startBucket(processes, large);
  const reads: OpenLoopReaderResult[] = [];
  const writes: WriterResult[] = [];
  for (let round = 0; round < (quick ? 2 : 5); round++) {
    say(`reading under load, round ${round + 1}`);
    const writer = await processes.start<OpenLoopWriter>(
      new URL('../children/open-loop-writer.js', import.meta.url),
      { url: bucket.url, perSecond: WRITES_PER_SECOND, connections: 64, warmUpMs: 2000 },
    );
    const input = { url: bucket.url, paths: CONTEXTS, perSecond: READS_PER_SECOND, seconds: quick ? 5 : 20 };
    reads.push(
      await processes.run<OpenLoopReader>(new URL('../children/open-loop-reader.js', import.meta.url), input),
    );
    writes.push(await writer.stop());
  }
  await bucket.stop();
  return underLoadRows(reads, writes, many);
}

function underLoadRows(
  reads: readonly OpenLoopReaderResult[],
  writes: readonly WriterResult[],
  many: number,
): Row[] {
  const load = `${WRITES_PER_SECOND.toLocaleString('en')} events/s coming in`;
  const read = `read-context, ${many.toLocaleString('en')} events, ${load}`;
  const ofReads = (pick: (result: OpenLoopReaderResult) => number) => reads.map(pick);
  const ofWrites = (pick: (result: WriterResult) => number) => writes.map(pick);
  return [
    rowOf(
      { what: `${read}: p50`, unit: 'ms' },
      ofReads(({ p50 }) => p50),
    ),
    rowOf(
      { what: `${read}: p99`, unit: 'ms', goal: { on: 'figure', atMost: 5 } },
      ofReads(({ p99 }) => p99),
    ),
    rowOf(
      { what: `${read}: the slowest`, unit: 'ms' },
      ofReads(({ max }) => max),
    ),
    rowOf(
      { what: 'events acknowledged meanwhile', unit: '/s', goal: { on: 'figure', atLeast: 4950 } },
      ofWrites(({ acknowledgedPerSecond }) => acknowledgedPerSecond),
    ),
    rowOf(
      { what: 'writes refused meanwhile', unit: '', goal: { on: 'figure', atMost: 0 } },
      ofWrites(({ refused }) => refused),
    ),
    rowOf(
      { what: 'a write meanwhile: p50', unit: 'ms' },
      ofWrites(({ p50 }) => p50),
    ),
    rowOf(
      { what: 'a write meanwhile: p99', unit: 'ms' },
      ofWrites(({ p99 }) => p99),
    ),
  ];
}
