import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CHUNKING, type ChunkingParameters, type CutOptions } from '@bhiv/artifact-registry';
import type { ClientTransfer, ClientTransferInput } from '../children/client-transfer.ts';
import type { CountingProxy, WireBytes } from '../children/counting-proxy.ts';
import type { NewChunks } from '../children/new-chunks.ts';
import type { Context, Measurement } from '../measurement.ts';
import { type Row, rowBeside } from '../row.ts';
import { filesOf, type Pair, pairs } from '../second-publish-pairs.ts';
import { startBucketStore } from '../stores.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

interface Scheme {
  readonly name: string;
  readonly parameters: ChunkingParameters;
  readonly options: CutOptions;
}

/** What the length of a chunk is for others, as they publish it; all of them are cut by the code that ours is. */
const OTHERS: readonly Scheme[] = [
  scheme('shards of 32 MiB', { minBytes: 32 * MIB, maxBytes: 32 * MIB, maskBits: 1 }),
  scheme('shards of 1 MiB', { minBytes: MIB, maxBytes: MIB, maskBits: 1 }),
  scheme('restic, 512 KiB to 8 MiB', { minBytes: 512 * KIB, maxBytes: 8 * MIB, maskBits: 20 }),
  scheme('Xet, 8 to 128 KiB', { minBytes: 8 * KIB, maxBytes: 128 * KIB, maskBits: 16 }),
];
const OURS: Scheme = { name: 'ours', parameters: CHUNKING, options: { tensors: true } };

/** What a pair came to: bytes. */
interface Sent {
  readonly size: number;
  readonly wire: WireBytes;
  readonly others: readonly { readonly name: string; readonly bytes: number }[];
}

export const secondPublish: Measurement = {
  name: 'second-publish',
  title: 'What a second publish sends',
  goal: 'Of 1 GiB of safetensors with 5 % of its tensors changed, the changed bytes and 0.5 points; with its JSON header grown by 1 KiB, at most 0.2 %; of an unknown format with 1 KiB inserted at its head, at most 1 %; unchanged, at most 0.1 %.',
  bound:
    'Whole chunks, of 1 MiB on average, and about two of them around each place that changed where no tensor ends there; and the manifest, some 150 bytes a chunk, which goes up with every version. Smaller chunks would send less at such places and more manifest.',
  async run(context) {
    const { quick, processes, temporaryFolder, say } = context;
    const rows: Row[] = [];
    for (const { what, prepare } of pairs(quick ? 26 : 205)) {
      say(what);
      const folder = await temporaryFolder();
      const pair = await prepare(folder, processes);
      rows.push(...rowsOf(pair, await sent(context, pair)));
      await rm(folder, { recursive: true });
    }
    return {
      rows,
      notes: [
        'Figures are percent of the second version. Ours is every byte that the client sent to a real Bucket, with HTTP, questions and manifest, counted by a TCP proxy on the way; the first version was published before, and its manifest is read on the same way.',
        'The references are the bytes in chunks that the first version does not have, and for each chunk of the second as much as it takes in our manifest: nothing of HTTP. They are cut by chunkFile() of @bhiv/artifact-registry with the lengths that restic and Xet publish, and so with our hash; neither program ran.',
      ],
    };
  },
};

async function sent(context: Context, pair: Pair): Promise<Sent> {
  const { wire, manifest } = await publishTwice(context, pair);
  const ours = await newChunks(context, pair, OURS);
  const perChunk = manifest / ours.chunks;
  const others: { name: string; bytes: number }[] = [];
  for (const other of OTHERS) {
    const { newBytes, chunks } = await newChunks(context, pair, other);
    others.push({ name: other.name, bytes: newBytes + chunks * perChunk });
  }
  const size = filesOf(pair.after).reduce((sum, path) => sum + statSync(path).size, 0);
  return { size, wire, others };
}

/** Publishes both versions to a new Bucket, the second through the proxy that counts. */
async function publishTwice(context: Context, { before, after }: Pair) {
  const { processes } = context;
  const { server, folder, stop } = await startBucketStore(context);
  const publish = (input: Omit<ClientTransferInput, 'what'>) =>
    processes.run<ClientTransfer>(new URL('../children/client-transfer.js', import.meta.url), {
      what: 'publish',
      ...input,
    });
  await publish({ url: server.url, path: before, version: '1' });
  const { hostname: host, port } = new URL(server.url);
  const proxy = await processes.start<CountingProxy>(
    new URL('../children/counting-proxy.js', import.meta.url),
    { host, port: Number(port) },
  );
  const { manifest = 0 } = await publish({
    ...{ url: proxy.ready.url, path: after },
    ...{ version: '2', earlier: '1' },
  });
  const wire = await proxy.stop();
  await stop();
  await rm(join(folder), { recursive: true });
  return { wire, manifest };
}

function newChunks({ processes }: Context, pair: Pair, { parameters, options }: Scheme) {
  return processes.run<NewChunks>(new URL('../children/new-chunks.js', import.meta.url), {
    before: filesOf(pair.before),
    after: filesOf(pair.after),
    parameters,
    options,
  });
}

function rowsOf({ what, atMost }: Pair, { size, wire, others }: Sent): Row[] {
  const percent = (bytes: number) => [(100 * bytes) / size];
  return others.map(({ name, bytes }, index) =>
    rowBeside(
      { what, unit: '%', ...(index === 0 && atMost !== undefined && { goal: { on: 'figure', atMost } }) },
      percent(wire.up),
      { what: name, rounds: percent(bytes) },
    ),
  );
}

function scheme(name: string, parameters: ChunkingParameters): Scheme {
  return { name, parameters, options: { tensors: false } };
}
