import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chunkFile } from '../../src/chunking/chunk-file.ts';
import { bytesOf, Room, safetensorsOf, safetensorsWith } from '../helpers/transfers.ts';

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

const PARAMETERS = { minBytes: 1000, maxBytes: 8000, maskBits: 11 };

async function endsOf(bytes: Uint8Array, tensors = true): Promise<number[]> {
  room.write('', { file: bytes });
  const ends: number[] = [];
  for await (const { offset, length } of chunkFile(room.at('file'), PARAMETERS, { tensors }))
    ends.push(offset + length);
  return ends;
}

async function digestsOf(bytes: Uint8Array): Promise<string[]> {
  room.write('', { file: bytes });
  const digests: string[] = [];
  for await (const { digest } of chunkFile(room.at('file'), PARAMETERS)) digests.push(digest);
  return digests;
}

describe('a safetensors file', () => {
  const tensors = {
    'layer.0.weight': bytesOf('w0', 20_000),
    'layer.0.bias': bytesOf('b0', 300),
    'layer.0.norm': bytesOf('n0', 300),
    'layer.1.weight': bytesOf('w1', 10_000),
  };

  test('is cut behind its header and around its tensors, but the small ones stay together', async () => {
    const bytes = safetensorsOf(tensors);
    const data = bytes.byteLength - 30_600;
    const ends = await endsOf(bytes);
    for (const cut of [data, data + 20_000, data + 20_600]) expect(ends).toContain(cut);
    expect(ends).not.toContain(data + 20_300);
    expect(await endsOf(bytes, false)).not.toContain(data);
  });

  test('has the same chunks again where its header has grown and tensors have moved', async () => {
    const before = await digestsOf(safetensorsOf(tensors));
    const { 'layer.1.weight': last, ...others } = tensors;
    const after = await digestsOf(
      safetensorsOf({ 'layer.1.weight': last, ...others }, { note: 'x'.repeat(500) }),
    );
    const again = new Set(before);
    expect(after.filter((digest) => !again.has(digest)).length).toBe(1);
  });

  test('that changes in one tensor has other chunks there alone', async () => {
    const before = new Set(await digestsOf(safetensorsOf(tensors)));
    const after = await digestsOf(
      safetensorsOf({ ...tensors, 'layer.1.weight': bytesOf('w1 trained', 10_000) }),
    );
    const bytesBefore = after.findIndex((digest) => !before.has(digest));
    expect(bytesBefore).toBeGreaterThan(3);
    expect(after.slice(bytesBefore).every((digest) => !before.has(digest))).toBe(true);
  });
});

/** Headers that are not to be trusted: each is cut as the bytes of any file. */
const HOSTILE: Record<string, Uint8Array> = {
  'a length beyond the file': withLength(1_000_000n),
  'a length beyond 2^53': withLength(2n ** 64n - 1n),
  'a length of 0': withLength(0n),
  'a header that is cut off': withLength(20n),
  'a header that is no object': header('[1, 2]'),
  'no JSON': header('{"a": '),
  'not UTF-8': header('{"a\xff": {}}'),
  'nested as deep as it goes': header(`{"a":${'['.repeat(100_000)}`),
  'a tensor that is none': header('{"a": null}'),
  'a tensor without offsets': header('{"a": {"dtype": "U8"}}'),
  'one offset': header('{"a": {"data_offsets": [0]}}'),
  'offsets in quotes': header('{"a": {"data_offsets": ["0", "5000"]}}'),
  'half an offset': header('{"a": {"data_offsets": [0, 4000.5]}}'),
  'an offset before the data': header('{"a": {"data_offsets": [-4000, 4000]}}'),
  'an end before its begin': header('{"a": {"data_offsets": [5000, 1000]}}'),
  'an end beyond the file': header('{"a": {"data_offsets": [0, 50001]}}'),
  'an offset beyond any number': header('{"a": {"data_offsets": [0, 1e400]}}'),
  'tensors that lie on each other': header(
    '{"a": {"data_offsets": [0, 5000]}, "b": {"data_offsets": [4000, 9000]}}',
  ),
};

test.each(Object.entries(HOSTILE))('a header with %s is no reason for a cut', async (_what, bytes) => {
  expect(await endsOf(bytes)).toEqual(await endsOf(bytes, false));
});

test('a file that is shorter than a header may be is cut like any other', async () => {
  for (const length of [0, 1, 8, 9]) {
    const bytes = bytesOf('short', length);
    expect(await endsOf(bytes)).toEqual(length === 0 ? [] : [length]);
  }
});

test('a tensor of no bytes, and keys that JavaScript treats specially, are fine', async () => {
  const bytes = header('{"__proto__": {"data_offsets": [0, 0]}, "a": {"data_offsets": [0, 20000]}}');
  expect(await endsOf(bytes)).toContain(bytes.byteLength - 30_000);
});

function header(text: string): Uint8Array {
  return safetensorsWith(text, [bytesOf('data', 50_000)]);
}

function withLength(length: bigint): Uint8Array {
  const bytes = safetensorsOf({ a: bytesOf('data', 50_000) });
  bytes.writeBigUInt64LE(length);
  return bytes;
}
