import { join } from 'node:path';
import type { Chunking } from '../children/chunking.ts';
import type { WriteModel } from '../children/write-model.ts';
import { type ModelFile, TENSOR_BYTES } from '../load/model-file.ts';
import type { Measurement } from '../measurement.ts';
import { type Row, rowBeside } from '../row.ts';

const MIB = 1024 * 1024;

export const chunking: Measurement = {
  name: 'chunking',
  title: 'How fast files are cut into chunks',
  goal: 'Chunking alone does at least 1 GB/s a core.',
  bound:
    'A shift, an addition and a comparison for each byte behind the least length of a chunk, in JavaScript; what lies before it, half of all bytes, is only read. The reading itself is the copy of the reference.',
  async run({ quick, processes, temporaryFolder, say }) {
    const tensors = quick ? 26 : 103;
    const folder = await temporaryFolder();
    const written = async (format: ModelFile['format']) => {
      const path = join(folder, format);
      const model = { format, tensors, seed: 1 };
      await processes.run<WriteModel>(new URL('../children/write-model.js', import.meta.url), {
        path,
        model,
      });
      return path;
    };
    const files = { unknown: await written('unknown'), safetensors: await written('safetensors') };
    say('cutting');
    const rates = await processes.run<Chunking>(new URL('../children/chunking.js', import.meta.url), {
      ...files,
      rounds: { warmUp: 2, counted: quick ? 5 : 15 },
    });
    const size = `${((tensors * TENSOR_BYTES) / MIB).toLocaleString('en')} MiB`;
    const row = (what: string, rounds: readonly number[], reference: string, of: readonly number[]): Row =>
      rowBeside({ what: `${what}, ${size}`, unit: 'MB/s', goal: { on: 'figure', atLeast: 1000 } }, rounds, {
        what: reference,
        rounds: of,
      });
    return {
      rows: [
        row('unknown format, cut where its bytes say so', rates.unknown, 'SHA-256', rates.sha256),
        row('the same', rates.unknown, 'reading and copying', rates.copy),
        row('safetensors, cut at its tensors too', rates.safetensors, 'SHA-256', rates.sha256),
      ],
      notes: [
        'The figures are bytes by processor time, of all threads of the process: what one core does. The files are noise and lie in the page cache; all sides read them in pieces of 8 MiB, and the reading counts. The copy is from there to a second buffer of 8 MiB.',
        'Nothing is hashed while cutting; a publish hashes each chunk, each pack and each file on top, on as many cores as there are.',
      ],
    };
  },
};
