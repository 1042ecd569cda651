import { type Chunk, PACK_BYTES, type Pack, packVersion, type Tree } from '../manifest/tree.ts';
import { Sha256 } from '../sha256.ts';
import type { FilePart } from '../thread/host.ts';

/** A pack that is full, and where its bytes lie. */
export interface NewPack extends Pack {
  readonly size: number;
  readonly parts: readonly FilePart[];
}

/** A pack, or one to be: it has a digest once it is full. */
interface Slot {
  pack: Pack | undefined;
}

interface Placed {
  readonly digest: string;
  readonly slot: Slot;
  readonly offset: number;
  readonly length: number;
}

/**
 * Decides where chunks lie: in packs of earlier manifests where those have them, else in new packs, one behind the
 * other in the order in which they come. The same chunks and the same earlier manifests give the same packs.
 */
export class PackBuilder {
  readonly #artifactId: string;
  readonly #known = new Map<string, Placed>();
  readonly #placed: Placed[] = [];
  readonly #numbers = new Map<string, number>();
  #slot: Slot = { pack: undefined };
  #hash = new Sha256();
  #size = 0;
  #parts: FilePart[] = [];

  /** @param earlier of two that have one chunk, the first is used */
  constructor(artifactId: string, earlier: readonly Tree[]) {
    this.#artifactId = artifactId;
    for (const { packs, chunks } of earlier) {
      const slots = packs.map((pack): Slot => ({ pack }));
      for (const chunk of chunks) this.#remember(chunk, slots[chunk.pack]);
    }
  }

  /**
   * Takes a chunk, gives its number, and whether it was new. `full` is a pack that had no room for it: it is to be
   * uploaded.
   */
  add(
    digest: string,
    bytes: Uint8Array,
    part: FilePart,
  ): { number: number; isNew: boolean; full: NewPack | undefined } {
    const number = this.#numbers.get(digest);
    if (number !== undefined) return { number, isNew: false, full: undefined };
    const known = this.#known.get(digest);
    if (known !== undefined) return { number: this.#place(known), isNew: false, full: undefined };
    const full = this.#size + bytes.byteLength > PACK_BYTES ? this.close() : undefined;
    const placed = { digest, slot: this.#slot, offset: this.#size, length: bytes.byteLength };
    this.#hash.update(bytes);
    this.#size += bytes.byteLength;
    this.#append(part);
    return { number: this.#place(placed), isNew: true, full };
  }

  /** The pack that is not full; undefined where it is empty. */
  close(): NewPack | undefined {
    if (this.#size === 0) return undefined;
    const digest = this.#hash.digest();
    const pack = { artifactId: this.#artifactId, version: packVersion(digest), digest, size: this.#size };
    this.#slot.pack = pack;
    const full = { ...pack, parts: this.#parts };
    this.#slot = { pack: undefined };
    this.#hash = new Sha256();
    this.#size = 0;
    this.#parts = [];
    return full;
  }

  /** The packs and chunks, each in the order of first use. Once all packs are closed. */
  result(): Pick<Tree, 'packs' | 'chunks'> & { readonly packs: readonly Pack[] } {
    const packs = new Map<string, { pack: Pack; number: number }>();
    const chunks = this.#placed.map(({ digest, slot, offset, length }): Chunk => {
      if (slot.pack === undefined) throw new Error('a pack is still open');
      // Two slots may turn out to be one pack: the same bytes, cut otherwise.
      const key = `${slot.pack.artifactId} ${slot.pack.version}`;
      const { number } = packs.get(key) ?? { number: packs.size };
      if (number === packs.size) packs.set(key, { pack: slot.pack, number });
      return { digest, pack: number, offset, length };
    });
    return { packs: [...packs.values()].map(({ pack }) => pack), chunks };
  }

  #remember({ digest, offset, length }: Chunk, slot: Slot | undefined): void {
    if (digest === undefined || slot === undefined || this.#known.has(digest)) return;
    this.#known.set(digest, { digest, slot, offset, length });
  }

  #place(placed: Placed): number {
    const number = this.#placed.push(placed) - 1;
    this.#numbers.set(placed.digest, number);
    return number;
  }

  #append(part: FilePart): void {
    const last = this.#parts.at(-1);
    if (last !== undefined && last.path === part.path && last.offset + last.length === part.offset) {
      this.#parts[this.#parts.length - 1] = { ...last, length: last.length + part.length };
    } else this.#parts.push(part);
  }
}
