import { readSync } from 'node:fs';

/** A longer header is not looked into; 8 MiB are some 80,000 tensors. */
const MAX_HEADER_BYTES = 8 * 1024 * 1024;
const LENGTH_BYTES = 8;

interface Tensor {
  readonly begin: number;
  readonly end: number;
}

/**
 * Where to cut a safetensors file besides the boundaries that its bytes give: behind the header, and around every tensor
 * of `minBytes` or more. So a tensor that did not change has its old chunks, wherever it lies now. Smaller tensors are
 * chunked together with their neighbours. Ascending, each within the file; none where the file is of another format or
 * its header is not to be trusted, which is no error: a cut is no more than a good place.
 */
export function tensorCuts(file: number, size: number, minBytes: number): number[] {
  const header = readHeader(file, size);
  const tensors = header && tensorsOf(header.json, size - header.end);
  if (tensors === undefined) return [];
  const cuts = new Set([header?.end ?? 0]);
  for (const { begin, end } of tensors) {
    if (end - begin < minBytes) continue;
    cuts.add((header?.end ?? 0) + begin).add((header?.end ?? 0) + end);
  }
  return [...cuts].filter((cut) => cut > 0 && cut < size).sort((one, other) => one - other);
}

/** The header, parsed, and where it ends; undefined where there is none. */
function readHeader(file: number, size: number): { json: unknown; end: number } | undefined {
  const start = readAt(file, 0, LENGTH_BYTES + 1);
  if (start.byteLength < LENGTH_BYTES + 1 || start[LENGTH_BYTES] !== 0x7b) return undefined; // a `{`
  const length = start.readBigUInt64LE();
  if (length > MAX_HEADER_BYTES || Number(length) > size - LENGTH_BYTES) return undefined;
  const text = readAt(file, LENGTH_BYTES, Number(length));
  try {
    return { json: JSON.parse(text.toString('utf8')), end: LENGTH_BYTES + text.byteLength };
  } catch {
    return undefined; // not JSON: another format
  }
}

/** The tensors in the order in which they lie; undefined where one is nonsense or lies on another. */
function tensorsOf(header: unknown, dataBytes: number): Tensor[] | undefined {
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return undefined;
  const tensors: Tensor[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const tensor = tensorOf(value, dataBytes);
    if (tensor === undefined) return undefined;
    tensors.push(tensor);
  }
  tensors.sort((one, other) => one.begin - other.begin || one.end - other.end);
  const apart = tensors.every(({ begin }, index) => begin >= (tensors[index - 1]?.end ?? 0));
  return apart ? tensors : undefined;
}

function tensorOf(value: unknown, dataBytes: number): Tensor | undefined {
  if (typeof value !== 'object' || value === null || !('data_offsets' in value)) return undefined;
  const { data_offsets: offsets } = value;
  if (!Array.isArray(offsets) || offsets.length !== 2) return undefined;
  const [begin, end]: unknown[] = offsets;
  const good = isCount(begin) && isCount(end) && begin <= end && end <= dataBytes;
  return good ? { begin, end } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(file, bytes, filled, length - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
