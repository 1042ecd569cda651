import { createCipheriv, createHash } from 'node:crypto';

const MIB = 1024 * 1024;
/** Of each tensor. */
export const TENSOR_BYTES = 5 * MIB;

/** A file as people publish it. No two parts of it have the same bytes, and no compression makes them fewer. */
export interface ModelFile {
  /** `unknown`: noise from its first byte to its last. */
  readonly format: 'safetensors' | 'unknown';
  /** The data has so many tensors of 5 MiB, or as many bytes. */
  readonly tensors: number;
  /** Files with different seeds have different data. */
  readonly seed: number;
  /** The numbers of the tensors that were trained since: they have other bytes. */
  readonly trained?: readonly number[];
  /** More bytes at the head: in the JSON of the header, or before everything where there is none. */
  readonly atHead?: number;
}

/** The bytes of the file, in pieces of 1 MiB at the most. */
export function* piecesOfModel({
  format,
  tensors,
  seed,
  trained = [],
  atHead = 0,
}: ModelFile): Generator<Buffer> {
  if (format === 'safetensors') yield headerOf(tensors, atHead);
  else yield* noise('at the head', atHead);
  for (let number = 0; number < tensors; number++) {
    yield* noise(`${seed} ${number} ${trained.includes(number) ? 'trained' : ''}`, TENSOR_BYTES);
  }
}

/** The header of a safetensors file: its length in 8 bytes, and JSON that says where each tensor lies. */
function headerOf(tensors: number, padding: number): Buffer {
  const entries = Array.from({ length: tensors }, (_, number): [string, object] => {
    const offsets = [number * TENSOR_BYTES, (number + 1) * TENSOR_BYTES];
    return [
      `model.layers.${number}.weight`,
      { dtype: 'BF16', shape: [TENSOR_BYTES / 2], data_offsets: offsets },
    ];
  });
  const metadata = { __metadata__: { note: 'x'.repeat(padding) } };
  const text = Buffer.from(JSON.stringify({ ...metadata, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text]);
}

function* noise(seed: string, bytes: number): Generator<Buffer> {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  for (let left = bytes; left > 0; left -= MIB) yield cipher.update(Buffer.alloc(Math.min(left, MIB)));
}
