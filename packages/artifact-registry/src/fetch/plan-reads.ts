import { type Chunk, PACK_BYTES, type TreeFile } from '../manifest/tree.ts';

/** A read may run over so many bytes that nobody wants where that saves a request. */
const MAX_GAP_BYTES = 8 * 1024 * 1024;

/** A place in a file that a chunk goes to. */
interface Use {
  /** Which file, counted from 0. */
  readonly file: number;
  /** Which of its chunks, counted from 0. */
  readonly index: number;
  /** Where in the file, in bytes. */
  readonly position: number;
}

/** A range of a pack, and the chunks in it that are wanted. */
export interface PlannedRead {
  readonly pack: number;
  readonly start: number;
  readonly end: number;
  readonly chunks: readonly { readonly chunk: number; readonly uses: readonly Use[] }[];
}

/** A chunk that is wanted, and where. */
interface Wanted {
  readonly chunk: number;
  readonly place: Chunk;
  readonly uses: Use[];
  /** How many are used before it. */
  readonly order: number;
}

/**
 * The reads that give all chunks that are missing, each once, in the order in which the files need them. Neighbours in
 * a pack are read together, up to 32 MiB, also where a little lies between them.
 *
 * @param isMissing whether a file still needs one of its chunks
 */
export function planReads(
  files: readonly TreeFile[],
  chunks: readonly Chunk[],
  isMissing: (file: number, index: number) => boolean,
): PlannedRead[] {
  const wanted = new Map<number, Wanted>();
  for (const [file, { chunks: numbers }] of files.entries()) {
    let position = 0;
    for (const [index, chunk] of numbers.entries()) {
      const place = chunks[chunk];
      if (place === undefined) throw new Error('the manifest was not checked');
      if (isMissing(file, index)) {
        const uses = wanted.get(chunk)?.uses ?? [];
        if (uses.length === 0) wanted.set(chunk, { chunk, place, uses, order: wanted.size });
        uses.push({ file, index, position });
      }
      position += place.length;
    }
  }
  return readsOf(wanted);
}

function readsOf(wanted: ReadonlyMap<number, Wanted>): PlannedRead[] {
  const byPack = new Map<number, Wanted[]>();
  for (const one of wanted.values()) {
    const others = byPack.get(one.place.pack);
    if (others === undefined) byPack.set(one.place.pack, [one]);
    else others.push(one);
  }
  const reads = [...byPack.values()].flatMap((members) => {
    members.sort((one, other) => one.place.offset - other.place.offset);
    return groupsOf(members);
  });
  return reads.sort((one, other) => one.first - other.first).map(({ read }) => read);
}

/** What is read together, of chunks of one pack in the order of their offsets; `first` is the first use of any. */
function groupsOf(members: readonly Wanted[]): { read: PlannedRead; first: number }[] {
  const groups: { pack: number; start: number; end: number; chunks: Wanted[]; first: number }[] = [];
  for (const one of members) {
    const { pack, offset, length } = one.place;
    const group = groups.at(-1);
    const end = Math.max(group?.end ?? 0, offset + length);
    if (group !== undefined && offset - group.end <= MAX_GAP_BYTES && end - group.start <= PACK_BYTES) {
      group.end = end;
      group.chunks.push(one);
      group.first = Math.min(group.first, one.order);
    } else groups.push({ pack, start: offset, end: offset + length, chunks: [one], first: one.order });
  }
  return groups.map(({ first, ...read }) => ({ read, first }));
}
