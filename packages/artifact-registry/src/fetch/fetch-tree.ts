import { inParallel } from '../in-parallel.ts';
import type { Tree } from '../manifest/tree.ts';
import { Pace } from '../pace.ts';
import { sha256 } from '../sha256.ts';
import type { Host } from '../thread/host.ts';
import { damaged } from './damage.ts';
import { type ManifestJob, openTree } from './open-tree.ts';
import { type PlannedRead, planReads } from './plan-reads.ts';
import { readRange } from './read-range.ts';
import { Target } from './target.ts';
import { digestOfFile, TargetFile } from './target-file.ts';

/** What is fetched, and to where. */
export interface FetchJob extends ManifestJob {
  readonly target: string;
}

export interface FetchProgress {
  readonly bytesTotal: number;
  /** That were there already, from an earlier fetch or otherwise. */
  readonly bytesKept: number;
  /** That have come, have been verified and written. With `bytesKept` it becomes `bytesTotal`. */
  readonly bytesWritten: number;
  /** That have come from Bucket, those between the chunks included. */
  readonly bytesReceived: number;
}

export interface FetchedTree extends FetchProgress {
  /** Of the manifest. */
  readonly digest: string;
  readonly files: number;
  readonly filesKept: number;
}

/** So many small files are made durable at a time. */
const FINISHING = 16;

/** Fetches the files of a manifest into a folder. */
export async function fetchTree(job: FetchJob, host: Host<FetchProgress>): Promise<FetchedTree> {
  const { tree, paths, digest } = await openTree(job, host);
  const target = Target.open(job.target);
  target.assertApart(paths.alike);
  target.makeFolders(paths.folders());
  const work = new Fetch(tree, target, host);
  work.look();
  await work.run(job.concurrency);
  target.removePartials();
  return { digest, files: tree.files.length, ...work.result() };
}

class Fetch {
  readonly #tree: Tree;
  readonly #target: Target;
  readonly #host: Host<FetchProgress>;
  /** By the number of the file; undefined where it is kept as it is. */
  readonly #files: (TargetFile | undefined)[] = [];
  readonly #finishing = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  #filesKept = 0;
  #bytesKept = 0;
  #bytesWritten = 0;
  #bytesReceived = 0;
  readonly #pace = new Pace(() => this.#host.progress(this.#progress()));

  constructor(tree: Tree, target: Target, host: Host<FetchProgress>) {
    this.#tree = tree;
    this.#target = target;
    this.#host = host;
  }

  /** Finds what is there already: whole files, and chunks of files that are not whole. */
  look(): void {
    let needed = 0;
    for (const file of this.#tree.files) {
      const { path, size, digest, executable } = file;
      const stats = this.#target.fileAt(path);
      if (stats?.size === size && digestOfFile(this.#target.locationOf(path), size) === digest) {
        this.#target.setExecutable(path, stats, executable);
        this.#files.push(undefined);
        this.#filesKept += 1;
        this.#bytesKept += size;
      } else {
        const partial = new TargetFile(this.#target, file, this.#tree.chunks);
        const kept = partial.resume(this.#tree.chunks);
        this.#files.push(partial);
        this.#bytesKept += kept;
        needed += size - kept;
      }
      this.#pace.mayTell();
    }
    this.#target.assertRoom(needed);
  }

  async run(concurrency: number): Promise<void> {
    const isMissing = (file: number, index: number) => this.#files[file]?.has(index) === false;
    const reads = planReads(this.#tree.files, this.#tree.chunks, isMissing);
    if (this.#files.some((file) => file !== undefined)) this.#target.makePartials();
    try {
      for (const file of this.#files) if (file?.isWhole) await this.#finish(file);
      await inParallel(reads, concurrency, (read) => this.#read(read));
    } finally {
      await Promise.all(this.#finishing);
    }
    this.#throwFailure();
    this.#pace.tell();
  }

  result(): Omit<FetchedTree, 'digest' | 'files'> {
    return { ...this.#progress(), filesKept: this.#filesKept };
  }

  async #read(read: PlannedRead): Promise<void> {
    this.#throwFailure();
    const { packs, chunks } = this.#tree;
    const pack = packs[read.pack];
    if (pack === undefined) throw new Error('the manifest was not checked');
    const bytes = await readRange(this.#host, pack, read);
    this.#bytesReceived += bytes.byteLength;
    for (const { chunk, uses } of read.chunks) {
      const { digest: expected, offset = 0, length = 0 } = chunks[chunk] ?? {};
      const part = bytes.subarray(offset - read.start, offset - read.start + length);
      // Here, though other threads could do it: they would take copies of what is large enough already.
      const found = expected && sha256(part);
      if (found !== expected) {
        const paths = uses.map(({ file }) => this.#tree.files[file]?.path ?? '');
        throw damaged({ ...pack, offset, length: part.byteLength, paths, expected, found });
      }
      for (const { file: number, index, position } of uses) {
        const file = this.#files[number];
        file?.write(index, position, part);
        this.#bytesWritten += part.byteLength;
        if (file?.isWhole) await this.#finish(file);
      }
      this.#pace.mayTell();
    }
    this.#host.release(bytes);
  }

  /** Starts to finish a file, and settles when there is room for another one. */
  async #finish(file: TargetFile): Promise<void> {
    const finishing = file
      .finish()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#finishing.delete(finishing));
    this.#finishing.add(finishing);
    while (this.#finishing.size >= FINISHING) await Promise.race(this.#finishing);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #progress(): FetchProgress {
    return {
      bytesTotal: this.#tree.files.reduce((sum, { size }) => sum + size, 0),
      bytesKept: this.#bytesKept,
      bytesWritten: this.#bytesWritten,
      bytesReceived: this.#bytesReceived,
    };
  }
}
