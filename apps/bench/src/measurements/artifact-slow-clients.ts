import type { SlowClients } from '../children/slow-clients.ts';
import { removeFilesOfSize } from '../disk.ts';
import { blobOf, downloadPath } from '../load/blob-server.ts';
import type { Context, Measurement } from '../measurement.ts';
import { forgetPeak, residentMemory } from '../resident-memory.ts';
import { type Row, rowBeside, rowOf } from '../row.ts';
import { download, type Store, startBucketStore, upload } from '../stores.ts';

const MIB = 1024 * 1024;
const MB = 1_000_000;
const SLOW = 100;
/** Small artifacts that the quick client sends one after the other. */
const SMALL = { count: 100, bytes: 4096, connections: 1 };
/** Up to here two medians count as the same. */
const SAME = 1.25;

/** ms of a quick client's work. */
interface Quick {
  readonly up: number;
  readonly down: number;
  readonly small: number;
}

interface Rounds {
  readonly alone: Quick[];
  readonly beside: Quick[];
  /** Of the slow clients, the share that was still connected, round by round. */
  readonly connected: number[];
  /** Bytes by which slow clients made Bucket grow, at the peak. */
  readonly growth: number[];
}

export const artifactSlowClients: Measurement = {
  name: 'artifact-slow-clients',
  title: 'What slow clients cost a quick one',
  goal: '100 clients that send a byte a second, and 100 that take one, do not keep a quick one waiting: what it does takes at most 1.25 × as long beside them.',
  bound:
    'The two cores, which the slow clients, Bucket and the quick client share. The memory for reads is shared too, and a part of it is kept for readers that turn out to be quick.',
  async run(context) {
    const mebibytes = context.quick ? 16 : 256;
    const store = await startBucketStore(context);
    const { alone, beside, connected, growth } = await compare(context, store, mebibytes * MIB);
    await store.stop();
    const row = (what: string, pick: (quick: Quick) => number): Row =>
      rowBeside(
        { what: `${what}, beside the slow`, unit: 'ms', goal: { on: 'ratio', atMost: SAME } },
        beside.map(pick),
        { what: 'alone', rounds: alone.map(pick) },
      );
    return {
      rows: [
        row(`upload of ${mebibytes} MiB`, ({ up }) => up),
        row(`verified GET of ${mebibytes} MiB`, ({ down }) => down),
        row(`${SMALL.count} uploads of 4 KiB, one after the other`, ({ small }) => small),
        rowOf({ what: 'of the slow clients, still connected afterwards', unit: '%' }, connected),
        rowOf(
          { what: 'growth of Bucket’s resident memory by the slow clients alone', unit: 'MB' },
          growth.map((bytes) => bytes / MB),
        ),
      ],
      notes: [
        `${SLOW} clients upload with one byte a second, and ${SLOW} download what is ${mebibytes} MiB and take one byte a second; they are connected before the quick one begins and stay. Rounds with and without them take turns on one Bucket.`,
      ],
    };
  },
};

async function compare(context: Context, store: Store, bytes: number): Promise<Rounds> {
  const { server, folder, pid } = store;
  const large = { server, count: 1, bytes, connections: 1 };
  const kept = blobOf({ seed: 0, bytes: bytes + 1 }); // by its size it is not among those that are removed
  await upload(context, { ...large, firstSeed: kept.seed, bytes: kept.bytes });
  let seed = 1;
  const quick = async (): Promise<Quick> => {
    const firstSeed = seed++;
    const up = await upload(context, { ...large, firstSeed });
    const down = await download(context, { ...large, firstSeed });
    removeFilesOfSize(folder, bytes);
    const small = await upload(context, { server, firstSeed: seed, ...SMALL });
    seed += SMALL.count;
    return { up, down, small };
  };
  await quick(); // not counted: code gets compiled
  const rounds: Rounds = { alone: [], beside: [], connected: [], growth: [] };
  const beside = async () => {
    const before = residentMemory(pid).now;
    forgetPeak(pid);
    const slow = await context.processes.start<SlowClients>(
      new URL('../children/slow-clients.js', import.meta.url),
      { url: server.url, uploads: SLOW, downloads: SLOW, path: downloadPath(server, kept) },
    );
    rounds.growth.push(residentMemory(pid).peak - before);
    rounds.beside.push(await quick());
    rounds.connected.push(((await slow.stop()).connected * 100) / (2 * SLOW));
  };
  const alone = async () => void rounds.alone.push(await quick());
  for (let round = 0; round < (context.quick ? 2 : 9); round++) {
    context.say(`round ${round + 1}`);
    for (const run of round % 2 === 0 ? [alone, beside] : [beside, alone]) await run();
  }
  return rounds;
}
