import { type Chunk, PACK_BYTES, type Pack, type Tree } from '../manifest/tree.ts';
import { Pace } from '../pace.ts';
import { readAhead } from '../read-ahead.ts';
import { Sha256, sha256 } from '../sha256.ts';
import { messageOf } from '../shown.ts';
import type { Host } from '../thread/host.ts';
import { codeOf } from '../transfer-error.ts';
import { type Damage, wordsOf } from './damage.ts';
import { isAboutThePack, type Problem } from './problem.ts';
import { readRange } from './read-range.ts';

export interface VerifyProgress {
  /** Of all packs that the manifest names. */
  readonly bytesTotal: number;
  readonly bytesRead: number;
}

interface Piece {
  readonly number: number;
  readonly pack: Pack;
  readonly start: number;
  readonly end: number;
}

/** What is known of the packs and files of a tree while they are read. */
export class Verification {
  readonly #tree: Tree;
  readonly #host: Host<VerifyProgress>;
  readonly #isRead: (pack: Pack) => boolean;
  /** The files, each hashed up to its chunk `next`. */
  readonly #files: { readonly hash: Sha256; next: number }[];
  readonly #uses: readonly (readonly [file: number, index: number][])[];
  /** By the number of the pack. */
  readonly #ofPacks = new Map<number, Problem[]>();
  readonly #ofFiles: Problem[] = [];
  readonly #unread = new Set<number>();
  #pathsByPack: readonly (readonly string[])[] | undefined;
  #bytesRead = 0;
  readonly #pace = new Pace(() => this.#host.progress(this.progress()));

  /** @param isRead which packs are read at all */
  constructor(tree: Tree, host: Host<VerifyProgress>, isRead: (pack: Pack) => boolean = () => true) {
    this.#tree = tree;
    this.#host = host;
    this.#isRead = isRead;
    this.#files = tree.files.map(() => ({ hash: new Sha256(), next: 0 }));
    const uses = tree.chunks.map((): [number, number][] => []);
    for (const [file, { chunks }] of tree.files.entries()) {
      for (const [index, chunk] of chunks.entries()) uses[chunk]?.push([file, index]);
    }
    this.#uses = uses;
  }

  /** Everything that is wrong: the packs in their order, then the files that are wrong in themselves. */
  get problems(): Problem[] {
    return [...[...this.#ofPacks.values()].flat(), ...this.#ofFiles];
  }

  /** The numbers of the packs that have problems. */
  get damagedPacks(): number[] {
    return [...this.#ofPacks.keys()];
  }

  /** To be called where a pack has become right since it was read. */
  forget(pack: number): void {
    this.#ofPacks.delete(pack);
    for (const [number, chunk] of this.#tree.chunks.entries()) {
      // Without a digest it was taken for right, and hashed into its files: they begin anew.
      if (chunk.pack !== pack || chunk.digest !== undefined) continue;
      for (const [file] of this.#uses[number] ?? []) this.#files[file] = { hash: new Sha256(), next: 0 };
    }
  }

  progress(): VerifyProgress {
    const bytesTotal = this.#tree.packs.filter(this.#isRead).reduce((sum, { size = 0 }) => sum + size, 0);
    return { bytesTotal, bytesRead: this.#bytesRead };
  }

  /** Reads every pack once, and the files along with them as far as their chunks come in order. */
  async packs(concurrency: number): Promise<void> {
    const chunks = this.#chunksByPack();
    let hash = new Sha256();
    for await (const [piece, read] of readAhead(this.#pieces(), concurrency - 1, (piece) =>
      this.#read(piece),
    )) {
      const { number, pack, start, end } = piece;
      if (start === 0) hash = new Sha256();
      if ('problem' in read) {
        if (!this.#unread.has(number)) this.#reportWhole(number, read.problem);
        this.#unread.add(number);
        continue;
      }
      this.#bytesRead += read.bytes.byteLength;
      this.#pace.mayTell();
      hash.update(read.bytes);
      this.#verifyChunks(chunks[number] ?? [], piece, read.bytes);
      this.#host.release(read.bytes);
      if (end !== pack.size) continue;
      const found = hash.digest();
      if (found === pack.digest || this.#ofPacks.has(number)) continue;
      const { artifactId, version, digest: expected } = pack;
      const damage = { artifactId, version, offset: 0, length: end, expected, found };
      const message = wordsOf({ ...damage, paths: this.#pathsOf(number) });
      this.#reportWhole(number, { code: 'digest_mismatch', message, ...damage });
    }
    this.#pace.tell();
  }

  /** Holds each file to its digest; what did not come in its order is read once more. */
  async files(): Promise<void> {
    const damaged = new Set(this.problems.flatMap(({ paths }) => paths));
    for (const [number, { path, digest, chunks }] of this.#tree.files.entries()) {
      const state = this.#files[number];
      if (state === undefined || damaged.has(path)) continue;
      while (state.next < chunks.length) {
        const run = this.#runFrom(chunks, state.next);
        const bytes = await readRange(this.#host, run.pack, run);
        state.hash.update(bytes);
        this.#host.release(bytes);
        state.next += run.count;
      }
      const found = state.hash.digest();
      if (found === digest) continue;
      const message = `The file ${path} has the digest ${found} and the manifest says ${digest}, though its chunks are right: the manifest is wrong, publish the file anew.`;
      this.#ofFiles.push({ code: 'digest_mismatch', message, paths: [path], expected: digest, found });
    }
  }

  /** One at a time: how large a pack is, a manifest may lie about. Of one that cannot be read no more is asked for. */
  *#pieces(): Generator<Piece> {
    for (const [number, pack] of this.#tree.packs.entries()) {
      const size = this.#isRead(pack) ? (pack.size ?? 0) : 0;
      for (let start = 0; start < size && !this.#unread.has(number); start += PACK_BYTES) {
        yield { number, pack, start, end: Math.min(start + PACK_BYTES, size) };
      }
    }
  }

  async #read(piece: Piece): Promise<{ bytes: Uint8Array } | { problem: Omit<Problem, 'paths'> }> {
    try {
      return { bytes: await readRange(this.#host, piece.pack, piece) };
    } catch (error) {
      const code = codeOf(error);
      if (!isAboutThePack(code)) throw error;
      const { artifactId, version } = piece.pack;
      return { problem: { code, message: messageOf(error), artifactId, version } };
    }
  }

  #verifyChunks(
    numbers: readonly number[],
    { number: pack, pack: names, start, end }: Piece,
    bytes: Uint8Array,
  ): void {
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
        const { artifactId, version } = names;
        const { offset, length, digest: expected } = chunk;
        const damage: Damage = { artifactId, version, offset, length, paths, expected, found };
        this.#report(pack, { code: 'digest_mismatch', message: wordsOf(damage), ...damage });
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

  #report(pack: number, problem: Problem): void {
    const known = this.#ofPacks.get(pack);
    if (known === undefined) this.#ofPacks.set(pack, [problem]);
    else known.push(problem);
  }

  /** A pack that is wrong somewhere, or not there: all files with chunks in it may be. */
  #reportWhole(pack: number, problem: Omit<Problem, 'paths'>): void {
    this.#report(pack, { ...problem, paths: this.#pathsOf(pack) });
  }

  #pathsOf(pack: number): readonly string[] {
    this.#pathsByPack ??= pathsByPack(this.#tree);
    return this.#pathsByPack[pack] ?? [];
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

/** The files with chunks in each pack. */
function pathsByPack({ packs, chunks, files }: Tree): string[][] {
  const paths = packs.map((): string[] => []);
  for (const { path, chunks: numbers } of files) {
    const used = new Set(numbers.map((number) => chunks[number]?.pack ?? -1));
    for (const pack of used) paths[pack]?.push(path);
  }
  return paths;
}
