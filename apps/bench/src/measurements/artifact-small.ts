import type { Measurement } from '../measurement.ts';
import { type Row, rowBeside, rowOf } from '../row.ts';
import { type Contestant, interleave } from '../runner.ts';
import { download, registryNote, startBucketStore, startRegistryStore, upload } from '../stores.ts';

const BYTES = 4096;
const CONNECTIONS = 16;

/** Artifacts a second, round by round. */
interface Rates {
  readonly bucket: number[];
  /** Where there is one. */
  readonly registry?: number[];
}

export const artifactSmall: Measurement = {
  name: 'artifact-small',
  title: 'How many small artifacts a second go up and down',
  bound:
    'The file system. A system call trace shows two new files, a new folder and five fsyncs for an upload (blob, its folder, the folder of the artifacts, ref, its folder), and for a push to docker-registry six new files and eleven fsyncs, none of them of a folder. On the ext4 without a journal where this was profiled, most of the processor time went into finding a free inode, which takes longer the more files were deleted in the minutes before.',
  async run(context) {
    const { quick, say } = context;
    const perRound = quick ? 200 : 2000;
    const rounds = { warmUp: 1, counted: quick ? 3 : 5 };
    const bucket = await startBucketStore(context);
    const registry = await startRegistryStore(context);
    const stores = { bucket, ...(typeof registry !== 'string' && { registry }) };
    const compare = (transfer: typeof upload, what: string): Promise<Rates> => {
      const contestants = Object.entries(stores).map(([name, { server }]): Contestant<keyof Rates> => {
        let firstSeed = -perRound;
        return {
          name: name as keyof Rates, // the keys of `stores`
          async round() {
            firstSeed += perRound;
            say(`${what}, ${server.kind}: ${firstSeed} and on`);
            const input = { server, firstSeed, count: perRound, bytes: BYTES, connections: CONNECTIONS };
            return (perRound * 1000) / (await transfer(context, input));
          },
        };
      });
      return interleave(contestants, rounds);
    };
    const uploads = await compare(upload, 'up');
    const downloads = await compare(download, 'down');
    for (const store of Object.values(stores)) await store.stop();
    return {
      rows: [rowFor('uploads', uploads), rowFor('verified downloads', downloads)],
      notes: [
        `Artifacts of ${BYTES.toLocaleString('en')} bytes, each with bytes and a name of its own, over ${CONNECTIONS} connections; ${perRound.toLocaleString('en')} of them are a round, and ${(perRound * rounds.counted).toLocaleString('en')} were counted. A download follows in the same order, from the page cache.`,
        registryNote(registry),
      ],
    };
  },
};

function rowFor(what: string, { bucket, registry = [] }: Rates): Row {
  const label = { what: `${what} of 4 KiB`, unit: '/s' } as const;
  if (registry.length === 0) return rowOf(label, bucket);
  return rowBeside(label, bucket, { what: 'docker-registry', rounds: registry });
}
