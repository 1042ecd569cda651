import { setTimeout as sleep } from 'node:timers/promises';
import type { FillArtifacts } from '../children/fill-artifacts.ts';
import type { Listing, Listings } from '../children/listings.ts';
import type { Polled, Poller } from '../children/poller.ts';
import { Connection, getRequest } from '../load/connection.ts';
import type { Context, Measurement } from '../measurement.ts';
import { type BucketProcess, startBucket } from '../processes/bucket-process.ts';
import { forgetPeak, residentMemory } from '../resident-memory.ts';
import { type Row, rowBeside, rowOf } from '../row.ts';
import { interleave } from '../runner.ts';

const FEW = 10;
const NAMES = { bucketId: 'bench', artifactId: 'many' };
const VERSIONS = `/v1/${NAMES.bucketId}/${NAMES.artifactId}/versions`;
/** Listings of a round, one after the other. */
const LISTINGS = 3;
const POLLS_PER_SECOND = 200;
const MB = 1_000_000;
/** Up to here two start-ups count as the same. */
const SAME = 1.5;

export const artifactScaling: Measurement = {
  name: 'artifact-scaling',
  title: 'What start-up and listings cost with few and with many artifacts stored',
  goal: 'Start-up takes the same time with 10 and with 100,000 artifacts stored (the same: at most 1.5 × in the median); /versions of 100,000 gives its first bytes within 50 ms and all of them within 2 s when warm, and holds the event loop nowhere over 20 ms.',
  bound:
    'Start-up: Node with its modules and threads; nothing is looked at that grows with what is stored. /versions: an open, a read and a close for each version, in a thread of its own; the event loop has one page of 128 versions to work on at a time, some milliseconds. What /livez waits beyond that, and without a listing, it waits for one of two cores.',
  async run(context) {
    const many = context.quick ? 2000 : 100_000;
    const small = await filledFolder(context, FEW);
    const large = await filledFolder(context, many);
    return {
      rows: [...(await compareStarts(context, small, large, many)), ...(await list(context, large, many))],
      notes: [
        `Both folders were filled through Bucket's own object store: each artifact is a version of one artifact and has a blob of its own. Start-up is from the start of the process to the first 200 of /readyz for events and for artifacts; the files and folders are in the caches of the kernel.`,
        `${LISTINGS} listings are a round. Meanwhile another process asks for /livez ${POLLS_PER_SECOND} times a second: what its slowest answer took, from when it was due, is an upper bound of what the listing held the event loop: the wait for a timer (up to 1 ms) and for one of the two cores is in it. Beside it the slowest answer in as long a time without a listing.`,
      ],
    };
  },
};

async function filledFolder({ processes, temporaryFolder, say }: Context, versions: number): Promise<string> {
  const folder = await temporaryFolder();
  say(`storing ${versions.toLocaleString('en')} artifacts in ${folder}`);
  const { seconds } = await processes.run<FillArtifacts>(
    new URL('../children/fill-artifacts.js', import.meta.url),
    { folder, versions, ...NAMES },
    { onProgress: say },
  );
  say(`stored in ${seconds.toFixed(1)} s`);
  return folder;
}

async function compareStarts(context: Context, small: string, large: string, many: number): Promise<Row[]> {
  const started = (folder: string) => async () => {
    const start = performance.now();
    const bucket = await startBucket(context.processes, folder);
    await untilReady(bucket);
    const ms = performance.now() - start;
    await bucket.stop();
    return ms;
  };
  const times = await interleave(
    [
      { name: 'few', round: started(small) },
      { name: 'many', round: started(large) },
    ],
    { warmUp: 1, counted: context.quick ? 5 : 25 },
  );
  return [
    rowBeside(
      {
        what: `start-up with ${many.toLocaleString('en')} artifacts`,
        unit: 'ms',
        goal: { on: 'ratio', atMost: SAME },
      },
      times.many,
      { what: `${FEW} artifacts`, rounds: times.few },
    ),
  ];
}

async function untilReady({ url }: BucketProcess): Promise<void> {
  const connection = await Connection.open(url);
  for (const half of ['events', 'artifacts']) {
    const ask = () => connection.exchange(getRequest(`/readyz?for=${half}`));
    let status = await ask();
    while (status === 503) {
      await sleep(1);
      status = await ask();
    }
    if (status !== 200) throw new Error(`/readyz for ${half} answered ${status}`);
  }
  connection.close();
}

async function list(context: Context, folder: string, many: number): Promise<Row[]> {
  const { processes, quick, say } = context;
  const { url, pid, stop } = await startBucket(processes, folder);
  const listings = () =>
    processes.run<Listings>(new URL('../children/listings.js', import.meta.url), {
      url,
      path: VERSIONS,
      times: LISTINGS,
    });
  const found: { times: Listing[]; polled: Polled; atRest: Polled }[] = [];
  const [cold] = await listings();
  const before = residentMemory(pid).now;
  forgetPeak(pid);
  for (let round = 0; round < (quick ? 2 : 10); round++) {
    say(`listing, round ${round + 1}`);
    const start = performance.now();
    const { result: times, polled } = await whilePolling(context, url, listings);
    const { polled: atRest } = await whilePolling(context, url, () => sleep(performance.now() - start));
    found.push({ times, polled, atRest });
  }
  const growth = residentMemory(pid).peak - before;
  await stop();
  return listRows(`/versions of ${many.toLocaleString('en')}`, found, cold, growth);
}

async function whilePolling<Result>(
  { processes }: Context,
  url: string,
  work: () => Promise<Result>,
): Promise<{ result: Result; polled: Polled }> {
  const poller = await processes.start<Poller>(new URL('../children/poller.js', import.meta.url), {
    url,
    path: '/livez',
    perSecond: POLLS_PER_SECOND,
  });
  const result = await work();
  return { result, polled: await poller.stop() };
}

function listRows(
  what: string,
  found: readonly { times: readonly Listing[]; polled: Polled; atRest: Polled }[],
  cold: Listing | undefined,
  growth: number,
): Row[] {
  const times = found.flatMap((round) => round.times);
  const max = (pick: 'polled' | 'atRest') => found.map((round) => round[pick].max);
  return [
    rowOf(
      { what: `${what}: the first bytes`, unit: 'ms', goal: { on: 'figure', atMost: 50 } },
      times.map(({ first }) => first),
    ),
    rowOf(
      { what: `${what}: all of it`, unit: 'ms', goal: { on: 'figure', atMost: 2000 } },
      times.map(({ all }) => all),
    ),
    rowOf({ what: `${what}: all of it, the first time after a start`, unit: 'ms' }, cold ? [cold.all] : []),
    rowOf({ what: `${what}: its size`, unit: 'MB' }, cold ? [cold.bytes / MB] : []),
    rowBeside(
      {
        what: `${what}: the slowest /livez meanwhile`,
        unit: 'ms',
        goal: { on: 'figure', atMost: 20 },
      },
      max('polled'),
      { what: 'without a listing', rounds: max('atRest') },
    ),
    rowOf({ what: `${what}: growth of the resident memory at its peak`, unit: 'MB' }, [growth / MB]),
  ];
}
