import { readSync } from 'node:fs';
import { type Gear, gearOver } from './gear.ts';
import { CHUNKING, type ChunkingParameters, checkParameters } from './parameters.ts';
import { tensorCuts } from './safetensors.ts';

const READ_BYTES = 8 * 1024 * 1024;

/** Chunks that lie behind each other. */
export interface CutPiece {
  /** Where in the file the piece starts. */
  readonly offset: number;
  /** The bytes of its chunks, one behind the other. They are overwritten when the next piece is asked for. */
  readonly bytes: Uint8Array;
  /** Where in `bytes` each chunk ends; the last one at their end. */
  readonly ends: readonly number[];
}

export interface CutOptions {
  /**
   * Cuts at the tensors of a safetensors file too.
   * @default true
   */
  readonly tensors?: boolean | undefined;
}

/** Cuts files into chunks, one file at a time, in the memory of one piece and the longest chunk. */
export class FileCutter {
  readonly #parameters: ChunkingParameters;
  readonly #tensors: boolean;
  readonly #buffer: ArrayBuffer;
  readonly #bytes: Uint8Array;
  readonly #gear: Gear;

  /** Throws TransferError `invalid_argument` for parameters that cannot be. */
  constructor(parameters: ChunkingParameters = CHUNKING, { tensors = true }: CutOptions = {}) {
    checkParameters(parameters);
    this.#parameters = parameters;
    this.#tensors = tensors;
    this.#buffer = new ArrayBuffer(READ_BYTES + parameters.maxBytes);
    this.#bytes = new Uint8Array(this.#buffer);
    this.#gear = gearOver(this.#buffer, parameters);
  }

  /**
   * The chunks of the first `size` bytes of an open file, in order and without a gap. They depend on the bytes alone.
   * A file that has become shorter meanwhile ends early. A piece takes some 10 ms and is worked off in one go: this is
   * for a worker thread.
   */
  *cut(file: number, size: number): Generator<CutPiece> {
    const cuts = this.#tensors ? tensorCuts(file, size, this.#parameters.minBytes) : [];
    let nextCut = 0;
    let offset = 0;
    let filled = 0;
    let ended = size === 0;
    while (!ended || filled > 0) {
      const room = Math.min(this.#bytes.byteLength, size - offset);
      while (!ended && filled < room) {
        const read = readSync(file, this.#bytes, filled, room - filled, offset + filled);
        if (read === 0) ended = true;
        filled += read;
      }
      ended ||= offset + filled === size;
      const ends: number[] = [];
      for (let start = 0; start < filled; ) {
        while ((cuts[nextCut] ?? size) <= offset + start && nextCut < cuts.length) nextCut += 1;
        const region = (cuts[nextCut] ?? size) - offset;
        const known = region <= filled || filled - start >= this.#parameters.maxBytes || ended;
        if (!known) break; // its end may lie in what has not been read
        start = this.#gear.endOfChunk(start, Math.min(region, filled));
        ends.push(start);
      }
      const done = ends.at(-1) ?? 0;
      if (done > 0) yield { offset, bytes: this.#bytes.subarray(0, done), ends };
      this.#bytes.copyWithin(0, done, filled);
      offset += done;
      filled -= done;
    }
  }
}
