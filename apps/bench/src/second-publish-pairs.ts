import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { WriteModel } from './children/write-model.ts';
import { type ModelFile, TENSOR_BYTES } from './load/model-file.ts';
import type { Processes } from './processes/processes.ts';

/** Two versions of a file or of a folder. */
export interface Pair {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  /** The most that may be sent, in percent of the second version; undefined where it comes as it comes. */
  readonly atMost?: number;
}

/** A pair that has yet to be written. */
export interface PairToBe {
  readonly what: string;
  prepare(folder: string, processes: Processes): Promise<Pair>;
}

/** The pairs whose second publish is measured; those that are made have so many tensors of 5 MiB. */
export function pairs(tensors: number): PairToBe[] {
  const trained = everyTwentieth(tensors);
  const percent = (100 * trained.length) / tensors;
  const before: ModelFile = { format: 'safetensors', tensors, seed: 1 };
  const unknown: ModelFile = { format: 'unknown', tensors, seed: 1 };
  const what = `safetensors, ${trained.length} of ${tensors} tensors of 5 MiB changed (${percent.toFixed(2)} %)`;
  return [
    made(what, before, { ...before, trained }, percent + 0.5),
    made('safetensors, its JSON header grown by 1 KiB', before, { ...before, atHead: 1024 }, 0.2),
    made('unknown format, 1 KiB inserted at its head', unknown, { ...unknown, atHead: 1024 }, 1),
    made('safetensors, unchanged', before, before, 0.1),
    released(),
  ];
}

/** The paths of all files of a version. */
export function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function made(what: string, before: ModelFile, after: ModelFile, atMost: number): PairToBe {
  const size = `${((before.tensors * TENSOR_BYTES) / 1024 ** 2).toLocaleString('en')} MiB`;
  const title = `${what}, ${size}`;
  return {
    what: title,
    async prepare(folder, processes) {
      const written = async (name: string, model: ModelFile) => {
        const path = join(folder, name);
        const script = new URL('./children/write-model.js', import.meta.url);
        await processes.run<WriteModel>(script, { path, model });
        return path;
      };
      const paths = { before: await written('before', before), after: await written('after', after) };
      return { what: title, ...paths, atMost };
    },
  };
}

/** Two releases of a package that carries weights: a model as it went on in the world, and its runtime. */
function released(): PairToBe {
  const what =
    'the package @mediapipe/hands, weights and runtime, from release 0.4.1646424915 to 0.4.1675469240';
  const require = createRequire(import.meta.url);
  const before = dirname(require.resolve('mediapipe-hands-before/package.json'));
  const after = dirname(require.resolve('@mediapipe/hands/package.json'));
  return { what, prepare: async () => ({ what, before, after }) };
}

/** One tensor of twenty, spread over all of them; one at the least. */
function everyTwentieth(tensors: number): number[] {
  const count = Math.max(1, Math.round(tensors / 20));
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * tensors) / count));
}
