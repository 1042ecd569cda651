import type { HashBody } from '../children/hash-body.ts';
import type { WriteBody } from '../children/write-body.ts';
import { removeFilesOfSize } from '../disk.ts';
import type { Context, Measurement } from '../measurement.ts';
import { type Goal, type Row, rowBeside } from '../row.ts';
import { type Contestant, interleave } from '../runner.ts';
import { registryNote, type Store, startBucketStore, startRegistryStore, upload } from '../stores.ts';

const MIB = 1024 * 1024;

/** MB/s, round by round. */
interface Rates {
  readonly bucket: number[];
  readonly hash: number[];
  readonly disk: number[];
  /** Where there is one. */
  readonly registry?: number[];
}

export const artifactUpload: Measurement = {
  name: 'artifact-upload',
  title: 'How fast a large artifact goes up',
  goal: 'An upload of 1 GiB runs at least at 0.9 × the slower of SHA-256 on one core and write + fsync of the same bytes, and at least at 1.6 × docker-registry’s push of the same blob.',
  bound:
    'Two cores. SHA-256 of a GiB takes one of them about 0.6 s. The sender, TCP over loopback, node:http, the copy into the page cache and the write-back take about as much processor time again (each was measured alone; the sum is an estimate). Bucket is ahead of write + fsync because it has the disk write while bytes still come, and its fsync finds little left to do.',
  async run(context) {
    const mebibytes = context.quick ? 64 : 1024;
    const bucket = await startBucketStore(context);
    const registry = await startRegistryStore(context);
    const rates = await compare(context, mebibytes * MIB, bucket, registry);
    await bucket.stop();
    if (typeof registry !== 'string') await registry.stop();
    return {
      rows: rowsOf(`upload of ${mebibytes.toLocaleString('en')} MiB`, rates),
      notes: [
        'A round is one upload to each, SHA-256 by node:crypto, and write + fsync in pieces of 1 MiB to a new file on the same disk, one after the other, each by a process of its own. What was stored is removed before the next is timed.',
        'The sender is a Node process that shares the machine with the server: it writes one MiB of noise over and over from memory to a socket, the cheapest that there is; each upload has noise of its own, and so a digest of its own.',
        registryNote(registry),
      ],
    };
  },
};

async function compare(
  context: Context,
  bytes: number,
  bucket: Store,
  registry: Store | string,
): Promise<Rates> {
  const { processes, quick, temporaryFolder, say } = context;
  const folder = await temporaryFolder();
  const rate = (ms: number) => bytes / 1e6 / (ms / 1000);
  let seed = 0;
  const uploaded = async ({ server, folder }: Store) => {
    const ms = await upload(context, { server, firstSeed: seed++, count: 1, bytes, connections: 1 });
    removeFilesOfSize(folder, bytes);
    return rate(ms);
  };
  const hashed = () =>
    processes.run<HashBody>(new URL('../children/hash-body.js', import.meta.url), { seed: seed++, bytes });
  const written = () =>
    processes.run<WriteBody>(new URL('../children/write-body.js', import.meta.url), {
      folder,
      body: { seed: seed++, bytes },
    });
  const contestants: Contestant<keyof Rates>[] = [
    { name: 'bucket', round: () => uploaded(bucket) },
    { name: 'hash', round: async () => rate(await hashed()) },
    { name: 'disk', round: async () => rate(await written()) },
  ];
  if (typeof registry !== 'string') contestants.push({ name: 'registry', round: () => uploaded(registry) });
  let round = 0;
  const settle = async () => say(`round ${++round}`);
  return interleave(contestants, { warmUp: 1, counted: quick ? 3 : 11, settle });
}

function rowsOf(what: string, { bucket, hash, disk, registry = [] }: Rates): Row[] {
  const slower = hash.map((rate, round) => Math.min(rate, disk[round] ?? Number.NaN));
  const row = (reference: string, rounds: readonly number[], goal?: Goal) =>
    rowBeside({ what, unit: 'MB/s', ...(goal && { goal }) }, bucket, { what: reference, rounds });
  return [
    row('the slower of the next two', slower, { on: 'ratio', atLeast: 0.9 }),
    row('SHA-256, one core', hash),
    row('write + fsync', disk),
    ...(registry.length > 0 ? [row('docker-registry', registry, { on: 'ratio', atLeast: 1.6 })] : []),
  ];
}
