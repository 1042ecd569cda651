// Cuts files into chunks, without hashing them, beside SHA-256 and a mere copy of the same files: how many bytes each
// of them does in a second of processor time.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { perform, type Task } from '../processes/child.ts';
import { interleave, type Rounds } from '../runner.ts';

export interface ChunkingInput {
  /** Paths of files that are in the page cache. */
  readonly unknown: string;
  readonly safetensors: string;
  readonly rounds: Rounds;
}

/** MB for each second of processor time of the process, round by round. */
export interface ChunkingResult {
  readonly unknown: readonly number[];
  readonly safetensors: readonly number[];
  readonly sha256: readonly number[];
  readonly copy: readonly number[];
}

export type Chunking = Task<ChunkingInput, ChunkingResult>;

/** The part of artifact-registry's cutter that is used here. */
interface Cutter {
  cut(file: number, size: number): Iterable<{ readonly bytes: Uint8Array }>;
}

/** As much as the cutter reads at a time. */
const READ_BYTES = 8 * 1024 * 1024;

await perform<Chunking>(async ({ unknown, safetensors, rounds }) => {
  const cutter = await newCutter();
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const copy = Buffer.allocUnsafeSlow(READ_BYTES);
  const cut = (file: number, size: number) => {
    let bytes = 0;
    for (const piece of cutter.cut(file, size)) bytes += piece.bytes.byteLength;
    return bytes;
  };
  const read = (use: (piece: Buffer) => void) => (file: number) => {
    let bytes = 0;
    for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer)) {
      use(buffer.subarray(0, count));
      bytes += count;
    }
    return bytes;
  };
  const hash = createHash('sha256');
  return interleave(
    [
      { name: 'unknown', round: () => rateOf(unknown, cut) },
      { name: 'safetensors', round: () => rateOf(safetensors, cut) },
      {
        name: 'sha256',
        round: () =>
          rateOf(
            unknown,
            read((piece) => void hash.update(piece)),
          ),
      },
      {
        name: 'copy',
        round: () =>
          rateOf(
            unknown,
            read((piece) => void copy.set(piece)),
          ),
      },
    ],
    rounds,
  );
});

/** Works on all of a file; MB a second of processor time. */
function rateOf(path: string, work: (file: number, size: number) => number): number {
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
  const before = process.cpuUsage();
  const bytes = work(file, size);
  const { user, system } = process.cpuUsage(before);
  closeSync(file);
  if (bytes !== size) throw new Error(`${bytes} of ${size} bytes of ${path} were worked on`);
  return bytes / (user + system); // bytes a µs are MB a second
}

async function newCutter(): Promise<Cutter> {
  const url = new URL(
    'dist/chunking/cut-file.js',
    import.meta.resolve('@bhiv/artifact-registry/package.json'),
  );
  // The package keeps this module to itself; its type is the one in the package's sources.
  const { FileCutter } = (await import(url.href)) as { FileCutter: new () => Cutter };
  return new FileCutter();
}
