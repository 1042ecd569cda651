import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientTransfer, ClientTransferInput } from '../children/client-transfer.ts';
import type { WriteModel } from '../children/write-model.ts';
import { TENSOR_BYTES } from '../load/model-file.ts';
import type { Context, Measurement } from '../measurement.ts';
import { type Goal, type Row, rowBeside, rowOf } from '../row.ts';
import { interleave } from '../runner.ts';
import { removeStored } from '../stored-files.ts';
import { type Store, startBucketStore } from '../stores.ts';

const GIB = 1024 ** 3;

type What = ClientTransferInput['what'];

/** Round by round: MB/s of each, and requests a GiB. */
interface Found {
  readonly rates: Readonly<Record<What, number[]>>;
  readonly requests: Readonly<Record<What, number[]>>;
}

export const publishFetch: Measurement = {
  name: 'publish-fetch',
  title: 'How fast new data is published and fetched',
  goal: 'A publish of new data runs at least at 0.7 × the plain upload of the same file by the client, a fetch at least at 0.8 × its plain download, with at most 40 requests a GiB each.',
  bound:
    'Two cores, for both ends. By the sources, a publish hashes every byte four times (its chunk, its pack, its file, and what is sent) and cuts besides, the plain upload hashes it twice (the file, and what is sent); Bucket hashes it once more in both. A fetch hashes every byte twice, as a chunk and as part of its file, and Bucket does not, for it answers ranges; of a plain download both ends hash every byte once.',
  async run(context) {
    const { quick } = context;
    const tensors = quick ? 52 : 205;
    const found = await compare(context, tensors, { warmUp: 1, counted: quick ? 2 : 7 });
    const bytes = tensors * TENSOR_BYTES;
    const size = `${(tensors * 5).toLocaleString('en')} MiB`;
    const isWhole = bytes >= GIB; // what every transfer asks once weighs more in a small one
    return {
      rows: [
        ratioRow(`publish of ${size} of new data`, found, ['publish', 'upload'], {
          on: 'ratio',
          atLeast: 0.7,
        }),
        ratioRow(`fetch of ${size}`, found, ['fetch', 'download'], { on: 'ratio', atLeast: 0.8 }),
        requestsRow('publish', found, isWhole),
        requestsRow('fetch', found, isWhole),
      ],
      notes: [
        'A round is a new file of noise, its publish and its plain upload to one Bucket, and a fetch and a plain download of what another Bucket has, one after the other, each by a process of its own. What was stored or fetched is removed before the next is timed. Starting the process is not timed, starting the threads that publish and fetch work in is.',
        'All four end with the bytes durable and verified. A plain upload reads the file twice, to find its digest and to send it.',
      ],
    };
  },
};

async function compare(
  context: Context,
  tensors: number,
  rounds: { readonly warmUp: number; readonly counted: number },
): Promise<Found> {
  const { processes, temporaryFolder, say } = context;
  const folder = await temporaryFolder();
  const file = join(folder, 'model');
  const bytes = tensors * TENSOR_BYTES;
  const into = await startBucketStore(context);
  const from = await startBucketStore(context);
  const requests: Record<What, number[]> = { publish: [], fetch: [], upload: [], download: [] };
  let round = -1;
  const writeFile = () =>
    processes.run<WriteModel>(new URL('../children/write-model.js', import.meta.url), {
      path: file,
      model: { format: 'unknown', tensors, seed: ++round },
    });
  const run = async (what: What, { server: { url } }: Store, path: string, version: string) => {
    const input = { what, url, path, version };
    const result = await processes.run<ClientTransfer>(
      new URL('../children/client-transfer.js', import.meta.url),
      input,
    );
    requests[what].push((result.requests * GIB) / bytes);
    return bytes / 1e6 / (result.ms / 1000);
  };
  const up = (what: 'publish' | 'upload') => async () => {
    const rate = await run(what, into, file, `${round}`);
    removeStored(into.folder);
    return rate;
  };
  const down = (what: 'fetch' | 'download') => async () => {
    const target = join(folder, what);
    const rate = await run(what, from, target, 'kept');
    await rm(target, { recursive: true });
    return rate;
  };

  await writeFile();
  await run('publish', from, file, 'kept');
  await run('upload', from, file, 'kept');
  for (const what of ['publish', 'upload'] as const) requests[what].pop();
  const settle = async () => {
    await writeFile();
    say(`round ${round}`);
  };
  const rates = await interleave<What>(
    [
      { name: 'publish', round: up('publish') },
      { name: 'upload', round: up('upload') },
      { name: 'fetch', round: down('fetch') },
      { name: 'download', round: down('download') },
    ],
    { ...rounds, settle },
  );
  await into.stop();
  await from.stop();
  return { rates, requests };
}

function ratioRow(
  what: string,
  { rates }: Found,
  [candidate, reference]: readonly [What, What],
  goal: Goal,
): Row {
  const label = { what, unit: 'MB/s', goal } as const;
  return rowBeside(label, rates[candidate], { what: `plain ${reference}`, rounds: rates[reference] });
}

function requestsRow(what: What, { requests }: Found, isWhole: boolean): Row {
  const goal = { on: 'figure', atMost: 40 } as const;
  return rowOf({ what: `requests a GiB of a ${what}`, unit: '', ...(isWhole && { goal }) }, requests[what]);
}
