import { type Chunk, PACK_BYTES, type Pack, type Tree } from '../manifest/tree.ts';
import { readAhead } from '../read-ahead.ts';
import { Sha256, sha256 } from '../sha256.ts';
import { messageOf } from '../shown.ts';
import type { Host } from '../thread/host.ts';
import { codeOf } from '../transfer-error.ts';
import { type Damage, wordsOf } from './damage.ts';
import { readRange } from './read-range.ts';

export interface VerifyProgress {
  /** Of all packs that the manifest names. */
  readonly bytesTotal: number;
  readonly bytesRead: number;
}

export interface Problem extends Partial<Omit<Damage, 'paths'>> {
  /** `digest_mismatch`, or what Bucket answered, such as `artifact_not_found` and `artifact_corrupt`. */
  readonly code: string;
  readonly message: string;
  /** The files that cannot be fetched because of it. */
  readonly paths: readonly string[];
}

/** Answers of Bucket that tell of the pack, not of the way to it. */
const ABOUT_THE_PACK: ReadonlySet<string | undefined> = new Set([
  'artifact_not_found',
  'artifact_corrupt',
  'digest_precondition_failed',
  'range_not_satisfiable',
  'size_mismatch',
]);

interface Piece {
  readonly number: number;
  readonly pack: Pack;
  readonly start: number;
  readonly end: number;
}

/** What is known of the packs and files of a tree while they are read. */
export class Verification {
  readonly problems: Problem[] = [];
  readonly #tree: Tree;
  readonly #host: Host<VerifyProgress>;
  /** The files, each hashed up to its chunk `next`. */
  readonly #files: { readonly hash: Sha256; next: number; damaged: boolean }[];
  readonly #uses: readonly (readonly [file: number, index: number][])[];
  #bytesRead = 0;

  constructor(tree: Tree, host: Host<VerifyProgress>) {
    this.#tree = tree;
    this.#host = host;
    this.#files = tree.files.map(() => ({ hash: new Sha256(), next: 0, damaged: false }));
    const uses = tree.chunks.map((): [number, number][] => []);
    for (const [file, { chunks }] of tree.files.entries()) {
      for (const [index, chunk] of chunks.entries()) uses[chunk]?.push([file, index]);
    }
    this.#uses = uses;
  }

  progress(): VerifyProgress {
    const bytesTotal = this.#tree.packs.reduce((sum, { size = 0 }) => sum + size, 0);
    return { bytesTotal, bytesRead: this.#bytesRead };
  }

  /** Reads every pack once, and the files along with them as far as their chunks come in order. */
  async packs(concurrency: number): Promise<void> {
    const chunks = this.#chunksByPack();
    let hash = new Sha256();
    let failed = -1;
    for await (const [piece, read] of readAhead(this.#pieces(), concurrency - 1, (piece) =>
      this.#read(piece),
    )) {
      const { number, pack, start, end } = piece;
      if (start === 0) hash = new Sha256();
      if ('problem' in read) {
        if (failed !== number) this.#report(number, read.problem);
        failed = number;
        continue;
      }
      this.#bytesRead += read.bytes.byteLength;
      this.#host.progress(this.progress());
      hash.update(read.bytes);
      const before = this.problems.length;
      this.#verifyChunks(chunks[number] ?? [], piece, read.bytes);
      this.#host.release(read.bytes);
      if (end !== pack.size || failed === number) continue;
      const found = hash.digest();
      if (found === pack.digest || this.problems.length > before) continue;
      const { artifactId, version, digest: expected } = pack;
      const damage: Damage = {
        artifactId,
        version,
        offset: 0,
        length: end,
        paths: this.#pathsOf(number),
        expected,
        found,
      };
      this.#report(number, { code: 'digest_mismatch', message: wordsOf(damage), ...damage });
    }
  }

  /** Holds each file to its digest; what did not come in its order is read once more. */
  async files(): Promise<void> {
    for (const [number, { path, digest, chunks }] of this.#tree.files.entries()) {
      const state = this.#files[number];
      if (state === undefined || state.damaged) continue;
      while (state.next < chunks.length) {
        const run = this.#runFrom(chunks, state.next);
        state.hash.update(await readRange(this.#host, run.pack, run));
        state.next += run.count;
      }
      const found = state.hash.digest();
      if (found === digest) continue;
      const message = `The file ${path} has the digest ${found} and the manifest says ${digest}, though its chunks are right: the manifest is wrong, publish the file anew.`;
      this.problems.push({ code: 'digest_mismatch', message, paths: [path], expected: digest, found });
    }
  }

  #pieces(): Piece[] {
    return this.#tree.packs.flatMap((pack, number) => {
      const { size = 0 } = pack;
      return Array.from({ length: Math.ceil(size / PACK_BYTES) }, (_, index) => {
        const start = index * PACK_BYTES;
        return { number, pack, start, end: Math.min(start + PACK_BYTES, size) };
      });
    });
  }

  async #read(piece: Piece): Promise<{ bytes: Uint8Array } | { problem: Problem }> {
    try {
      return { bytes: await readRange(this.#host, piece.pack, piece) };
    } catch (error) {
      const code = codeOf(error);
      if (!ABOUT_THE_PACK.has(code)) throw error;
      const { artifactId, version } = piece.pack;
      return { problem: { code: code ?? '', message: messageOf(error), artifactId, version, paths: [] } };
    }
  }

  #verifyChunks(numbers: readonly number[], { pack, start, end }: Piece, bytes: Uint8Array): void {
    for (const number of numbers) {
      const chunk = this.#tree.chunks[number];
      // A piece of a foreign pack may part a chunk; ours are never larger than one piece.
      if (chunk === undefined || chunk.offset < start || chunk.offset + chunk.length > end) continue;
      const part = bytes.subarray(chunk.offset - start, chunk.offset - start + chunk.length);
      const found = chunk.digest && sha256(part);
      const uses = this.#uses[number] ?? [];
      if (found === chunk.digest) this.#follow(uses, part);
      else {
        const paths = [...new Set(uses.map(([file]) => this.#tree.files[file]?.path ?? ''))];
        for (const [file] of uses) this.#markDamaged(file);
        const { artifactId, version } = pack;
        const { offset, length, digest: expected } = chunk;
        const damage: Damage = { artifactId, version, offset, length, paths, expected, found };
        this.problems.push({ code: 'digest_mismatch', message: wordsOf(damage), ...damage });
      }
    }
  }

  #follow(uses: readonly (readonly [file: number, index: number])[], bytes: Uint8Array): void {
    for (const [file, index] of uses) {
      const state = this.#files[file];
      if (state?.next !== index) continue;
      state.hash.update(bytes);
      state.next += 1;
    }
  }

  /** A pack that is wrong, or not there: all files with chunks in it are. */
  #report(pack: number, problem: Problem): void {
    const paths = this.#pathsOf(pack);
    const damaged = new Set(paths);
    for (const [number, { path }] of this.#tree.files.entries())
      if (damaged.has(path)) this.#markDamaged(number);
    this.problems.push({ ...problem, paths });
  }

  #markDamaged(file: number): void {
    const state = this.#files[file];
    if (state !== undefined) state.damaged = true;
  }

  #pathsOf(pack: number): string[] {
    const { files, chunks } = this.#tree;
    return files
      .filter((file) => file.chunks.some((chunk) => chunks[chunk]?.pack === pack))
      .map(({ path }) => path);
  }

  #chunksByPack(): number[][] {
    const byPack = this.#tree.packs.map((): number[] => []);
    for (const [number, { pack }] of this.#tree.chunks.entries()) byPack[pack]?.push(number);
    return byPack;
  }

  /** The chunks of a file from one on, as far as they lie behind each other in one pack. */
  #runFrom(
    numbers: readonly number[],
    from: number,
  ): { pack: Pack; start: number; end: number; count: number } {
    const chunkAt = (index: number): Chunk | undefined => this.#tree.chunks[numbers[index] ?? -1];
    const first = chunkAt(from);
    const pack = this.#tree.packs[first?.pack ?? -1];
    if (first === undefined || pack === undefined) throw new Error('the manifest was not checked');
    let end = first.offset + first.length;
    let count = 1;
    for (let next = chunkAt(from + count); next !== undefined; next = chunkAt(from + count)) {
      if (next.pack !== first.pack || next.offset !== end || end + next.length - first.offset > PACK_BYTES)
        break;
      end += next.length;
      count += 1;
    }
    return { pack, start: first.offset, end, count };
  }
}
