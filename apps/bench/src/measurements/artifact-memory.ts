import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientUploads } from '../children/client-uploads.ts';
import { removeFilesOfSize, sizeThatFits } from '../disk.ts';
import type { Context, Measurement } from '../measurement.ts';
import { forgetPeak, residentMemory } from '../resident-memory.ts';
import { type Goal, type Row, rowOf } from '../row.ts';
import { download, type Store, startBucketStore, upload } from '../stores.ts';

const MIB = 1024 * 1024;
const AT_ONCE = 16;

/** What one round found: bytes by which a process grew at its peak, and the ms that it took. */
interface Grown {
  readonly growth: number;
  readonly ms: number;
}

export const artifactMemory: Measurement = {
  name: 'artifact-memory',
  title: 'What many large transfers at once make Bucket and the client grow',
  goal: '16 uploads of 1 GiB at once grow the resident memory of the server by at most 96 MiB at its peak, and that of a client by at most 64 MiB.',
  bound:
    'Bucket: the slabs that all uploads share (16 MiB), threads that start when they are first needed, and what V8 keeps of its heap. The 64 KiB pieces in which node:http gives a body are freed one by one; left to the garbage collector, they made the growth half as large again. What the growth of the client consists of was not looked into.',
  async run(context) {
    const { quick, temporaryFolder, say } = context;
    const wanted = (quick ? 32 : 1024) * MIB;
    const bytes = await sizeThatFits(await temporaryFolder(), AT_ONCE, wanted);
    const files = await sparseFiles(await temporaryFolder(), bytes);
    const ups: Grown[] = [];
    const downs: Grown[] = [];
    const ofClient: Grown[] = [];
    for (let round = 0; round < (quick ? 1 : 2); round++) {
      say(`${AT_ONCE} uploads at once and ${AT_ONCE} downloads, round ${round + 1}`);
      const input = { firstSeed: round * AT_ONCE, count: AT_ONCE, bytes, connections: AT_ONCE };
      const server = await startBucketStore(context);
      ups.push(await growthOf(server, () => upload(context, { server: server.server, ...input })));
      downs.push(await growthOf(server, () => download(context, { server: server.server, ...input })));
      await end(server, bytes);
      say(`${AT_ONCE} uploads of one client at once, round ${round + 1}`);
      ofClient.push(await clientGrowth(context, files, bytes));
      const grown = [ups, downs, ofClient].map((found) => Math.round((found.at(-1)?.growth ?? 0) / MIB));
      say(`MiB grown (Bucket by uploads, by downloads, the client): ${grown.join(', ')}`);
    }
    const mebibytes = `${(bytes / MIB).toLocaleString('en')} MiB`;
    const uploads = `${AT_ONCE} uploads of ${mebibytes} at once`;
    return {
      rows: [
        ...rowsOf(uploads, 'Bucket', ups, 96),
        ...rowsOf(`${uploads} by one client, from files`, 'the client', ofClient, 64),
        ...rowsOf(`${AT_ONCE} verified downloads of ${mebibytes} at once`, 'Bucket', downs),
      ],
      notes: [
        'Growth is the peak that the kernel kept during the transfers, beyond the resident memory just before the first of them: Bucket has just been started, has listened for a second and has transferred nothing; the downloads follow the uploads in the same process. For a client it counts from just before the client is made.',
        'The plain uploads come from one process over 16 sockets, each with bytes of its own. The client uploads 16 files of its own (sparse ones, so that they take no disk), which it reads twice: to find the digest, and to send.',
        ...(bytes < wanted ? [`The disk had no room for more than ${AT_ONCE} × ${mebibytes}.`] : []),
      ],
    };
  },
};

async function growthOf({ pid }: Store, transfers: () => Promise<number>): Promise<Grown> {
  await sleep(1000);
  const before = residentMemory(pid).now;
  forgetPeak(pid);
  const ms = await transfers();
  return { growth: residentMemory(pid).peak - before, ms };
}

async function clientGrowth(context: Context, files: readonly string[], bytes: number): Promise<Grown> {
  const server = await startBucketStore(context);
  const grown = await context.processes.run<ClientUploads>(
    new URL('../children/client-uploads.js', import.meta.url),
    { url: server.server.url, files },
  );
  await end(server, bytes);
  return grown;
}

/** Stops a Bucket and gives the disk back what it stored. */
async function end({ stop, folder }: Store, bytes: number): Promise<void> {
  await stop();
  removeFilesOfSize(folder, bytes);
}

/** Files that are all zeros but for their first bytes, which differ. */
async function sparseFiles(folder: string, bytes: number): Promise<string[]> {
  const paths = Array.from({ length: AT_ONCE }, (_, i) => join(folder, `file-${i}`));
  for (const path of paths) {
    const file = await open(path, 'wx');
    await file.write(path);
    await file.truncate(bytes);
    await file.close();
  }
  return paths;
}

/** The goal is in MiB. */
function rowsOf(transfers: string, whose: string, found: readonly Grown[], atMost?: number): Row[] {
  const goal: Goal | undefined = atMost === undefined ? undefined : { on: 'figure', atMost };
  return [
    rowOf(
      { what: `${transfers}: growth of ${whose}`, unit: 'MiB', ...(goal && { goal }) },
      found.map(({ growth }) => growth / MIB),
    ),
    rowOf(
      { what: `${transfers}: all of them took`, unit: 's' },
      found.map(({ ms }) => ms / 1000),
    ),
  ];
}
