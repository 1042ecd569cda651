import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClientTransfer, ClientTransferResult } from '../children/client-transfer.ts';
import type { WriteModel } from '../children/write-model.ts';
import { sizeThatFits } from '../disk.ts';
import { TENSOR_BYTES } from '../load/model-file.ts';
import type { Context, Measurement } from '../measurement.ts';
import { type Row, rowOf } from '../row.ts';
import { startBucketStore } from '../stores.ts';

const MIB = 1024 * 1024;

export const publishMemory: Measurement = {
  name: 'publish-memory',
  title: 'How large a process gets that publishes or fetches',
  goal: 'Publishing 10 GiB and fetching them keeps the resident memory of the process under 300 MB.',
  bound:
    'Node with both libraries and a bare second thread has 63 MB. Then, by the sources: of a publish, 12 MiB that are cut, and two blocks of 4 MiB for each of three uploads; of a fetch, up to 32 MiB for each of three reads. The rest is what the garbage collector has not taken yet; it was not looked into.',
  async run(context) {
    const { quick, temporaryFolder } = context;
    const wanted = (quick ? 512 : 10_240) * MIB;
    const folder = await temporaryFolder();
    const bytes = await sizeThatFits(folder, 2, wanted); // the file and Bucket's copy, then Bucket's and the fetched
    const { published, fetched } = await publishAndFetch(context, folder, bytes);
    const size = `${(Math.round(bytes / TENSOR_BYTES) * 5).toLocaleString('en')} MiB`;
    return {
      rows: [...rowsOf(`publish of ${size}`, published), ...rowsOf(`fetch of ${size}`, fetched)],
      notes: [
        'A safetensors file of tensors of 5 MiB, all of them noise. Each side is a process of its own that does nothing else, with the default options; what counts is all of its resident memory, as the kernel kept its peak, from the start of the process on.',
        ...(bytes < wanted ? [`The disk had no room for more than 2 × ${size}.`] : []),
      ],
    };
  },
};

async function publishAndFetch(context: Context, folder: string, bytes: number) {
  const { processes, say } = context;
  const path = join(folder, 'model.safetensors');
  say('writing the file');
  await processes.run<WriteModel>(new URL('../children/write-model.js', import.meta.url), {
    path,
    model: { format: 'safetensors', tensors: Math.round(bytes / TENSOR_BYTES), seed: 1 },
  });
  const { server, stop } = await startBucketStore(context);
  const transfer = (what: 'publish' | 'fetch', path: string) => {
    say(what);
    return processes.run<ClientTransfer>(new URL('../children/client-transfer.js', import.meta.url), {
      ...{ what, path, url: server.url, version: '1' },
    });
  };
  const published = await transfer('publish', path);
  await rm(path);
  const fetched = await transfer('fetch', join(folder, 'fetched'));
  await stop();
  return { published, fetched };
}

function rowsOf(what: string, { peak, ms }: ClientTransferResult): Row[] {
  return [
    rowOf({ what: `${what}: resident memory`, unit: 'MB', goal: { on: 'figure', atMost: 300 } }, [
      peak / 1e6,
    ]),
    rowOf({ what: `${what}: took`, unit: 's' }, [ms / 1000]),
  ];
}
