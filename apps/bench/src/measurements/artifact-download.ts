import type { FileServer } from '../children/file-server.ts';
import type { BlobServer } from '../load/blob-server.ts';
import type { Context, Measurement } from '../measurement.ts';
import { type Goal, type Row, rowBeside } from '../row.ts';
import { type Contestant, interleave } from '../runner.ts';
import { download, registryNote, startBucketStore, startRegistryStore, upload } from '../stores.ts';

const MIB = 1024 * 1024;
const SEED = 1;

/** MB/s, round by round. */
interface Rates {
  readonly verified: number[];
  readonly unverified: number[];
  readonly bare: number[];
  /** Where there is one. */
  readonly registry?: number[];
}

export const artifactDownload: Measurement = {
  name: 'artifact-download',
  title: 'How fast a large artifact comes down',
  goal: 'A GET of 1 GiB runs at least at 0.8 × a bare createReadStream().pipe(response) where Bucket verifies what it reads, and at least at 0.95 × where it does not.',
  bound:
    'Verified, hashing, and sending beside it. Not verified, the copies from the page cache to Bucket, to the socket and to the receiver. Bucket is ahead of createReadStream() because it reads pieces of 256 KiB: with pieces of that size instead of its own 64 KiB, createReadStream() took about the same processor time as Bucket. docker-registry does not verify: it served a blob with a flipped byte, whole and with status 200.',
  async run(context) {
    const { quick, processes, temporaryFolder } = context;
    const mebibytes = quick ? 64 : 1024;
    const bytes = mebibytes * MIB;
    const verified = await startBucketStore(context);
    const unverified = await startBucketStore(context, { BUCKET_VERIFY_ON_READ: 'false' });
    const registry = await startRegistryStore(context);
    const stores = [verified, unverified, ...(typeof registry === 'string' ? [] : [registry])];
    for (const { server } of stores) {
      await upload(context, { server, firstSeed: SEED, count: 1, bytes, connections: 1 });
    }
    const bare = await processes.start<FileServer>(new URL('../children/file-server.js', import.meta.url), {
      folder: await temporaryFolder(),
      body: { seed: SEED, bytes },
    });
    const rates = await compare(context, bytes, {
      verified: verified.server,
      unverified: unverified.server,
      bare: { kind: 'file server', url: bare.ready.url },
      ...(typeof registry !== 'string' && { registry: registry.server }),
    });
    for (const store of stores) await store.stop();
    await bare.stop();
    return {
      rows: rowsOf(`GET of ${mebibytes.toLocaleString('en')} MiB`, rates),
      notes: [
        'All files are in the page cache. The receiver is a Node process that shares the machine with the server, takes up to 1 MiB from its socket at a time into the same memory, and counts.',
        registryNote(registry),
      ],
    };
  },
};

async function compare(
  context: Context,
  bytes: number,
  servers: Partial<Record<keyof Rates, BlobServer>>,
): Promise<Rates> {
  const names = ['verified', 'unverified', 'bare', 'registry'] as const;
  const contestants = names.flatMap((name): Contestant<keyof Rates>[] => {
    const server = servers[name];
    if (server === undefined) return [];
    const input = { server, firstSeed: SEED, count: 1, bytes, connections: 1 };
    return [{ name, round: async () => bytes / 1000 / (await download(context, input)) }];
  });
  let round = 0;
  const settle = async () => context.say(`round ${++round}`);
  const counted = context.quick ? 3 : 15;
  return interleave(contestants, { warmUp: 1, counted, settle });
}

function rowsOf(what: string, { verified, unverified, bare, registry = [] }: Rates): Row[] {
  const row = (
    how: string,
    rounds: readonly number[],
    reference: string,
    beside: readonly number[],
    goal?: Goal,
  ) =>
    rowBeside({ what: `${what}, ${how}`, unit: 'MB/s', ...(goal && { goal }) }, rounds, {
      what: reference,
      rounds: beside,
    });
  const pipe = 'createReadStream().pipe(response)';
  return [
    row('verified', verified, pipe, bare, { on: 'ratio', atLeast: 0.8 }),
    row('not verified', unverified, pipe, bare, { on: 'ratio', atLeast: 0.95 }),
    ...(registry.length > 0 ? [row('verified', verified, 'docker-registry', registry)] : []),
  ];
}
