import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunkFile, type FileChunk } from '../../src/chunking/chunk-file.ts';
import { boundaryByBytes, boundaryByWords, gearTable } from '../../src/chunking/gear.ts';
import { CHUNKING, type ChunkingParameters } from '../../src/chunking/parameters.ts';
import { referenceEnds } from '../helpers/reference-chunker.ts';
import { bytesOf, MIB, noise, Room, sha256 } from '../helpers/transfers.ts';

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

const SMALL: ChunkingParameters = { minBytes: 64, maxBytes: 1024, maskBits: 7 };

async function chunksOf(bytes: Uint8Array, parameters?: ChunkingParameters) {
  room.write('', { file: bytes });
  const chunks: FileChunk[] = [];
  for await (const chunk of chunkFile(room.at('file'), parameters)) chunks.push(chunk);
  return chunks;
}

/** Where the chunks end, after having looked that they are the file, one behind the other. */
async function endsOf(bytes: Uint8Array, parameters?: ChunkingParameters): Promise<number[]> {
  let end = 0;
  const ends: number[] = [];
  for (const { offset, length, digest } of await chunksOf(bytes, parameters)) {
    expect(offset).toBe(end);
    end += length;
    expect(digest).toBe(sha256(bytes.subarray(offset, end)));
    ends.push(end);
  }
  expect(end).toBe(bytes.byteLength);
  return ends;
}

describe('the boundaries', () => {
  test('are those of the rule, also across the reads of a large file', async () => {
    const bytes = noise('large', 14 * MIB);
    const ends = await endsOf(bytes);
    expect(ends).toEqual(referenceEnds(bytes, CHUNKING));
    expect(ends.length).toBeGreaterThan(8);
  });

  test('are those of the rule for any bytes and parameters', async () => {
    const cases = fc.record({
      minBytes: fc.integer({ min: 64, max: 200 }),
      maxBytes: fc.integer({ min: 200, max: 2000 }),
      maskBits: fc.integer({ min: 1, max: 12 }),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 5000 }),
        fc.integer({ min: 0, max: 255 }).map((byte) => new Uint8Array(4000).fill(byte)),
        fc
          .tuple(fc.string(), fc.integer({ min: 0, max: 9000 }))
          .map(([seed, length]) => bytesOf(seed, length)),
      ),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ bytes, ...parameters }) => {
        expect(await endsOf(bytes, parameters)).toEqual(referenceEnds(bytes, parameters));
      }),
      { numRuns: 100 },
    );
  });

  test('of a part of a file are those of the whole from where both have one', async () => {
    const bytes = bytesOf('shifted', 200_000);
    const before = new Set(await endsOf(bytes, SMALL));
    const inserted = 37;
    const after = await endsOf(Buffer.concat([bytesOf('insert', inserted), bytes]), SMALL);
    const moved = after.map((end) => end - inserted);
    const first = moved.findIndex((end) => before.has(end));
    expect(first).toBeLessThan(20);
    expect(moved.slice(first)).toEqual([...before].filter((end) => end >= (moved[first] ?? 0)));
  });

  test('are as far apart as the parameters say, and on average as far as they promise', async () => {
    const chunks = await chunksOf(bytesOf('average', 4_000_000), SMALL);
    const lengths = chunks.slice(0, -1).map(({ length }) => length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(SMALL.minBytes);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(SMALL.maxBytes);
    const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(average / (64 + 2 ** 7)).toBeCloseTo(1, 1);
  });

  test('of fixed size are a matter of parameters', async () => {
    const fixed = { minBytes: 1000, maxBytes: 1000, maskBits: 1 };
    expect(await endsOf(bytesOf('fixed', 3500), fixed)).toEqual([1000, 2000, 3000, 3500]);
  });

  test.each([
    { minBytes: 63, maxBytes: 1000, maskBits: 8 },
    { minBytes: 1000, maxBytes: 999, maskBits: 8 },
    { minBytes: 64.5, maxBytes: 999, maskBits: 8 },
    { minBytes: 64, maxBytes: 2 ** 31, maskBits: 8 },
    { minBytes: 64, maxBytes: 1000, maskBits: 0 },
    { minBytes: 64, maxBytes: 1000, maskBits: 31 },
  ])('cannot be cut with %j', async (parameters) => {
    await expect(chunksOf(bytesOf('x', 10), parameters)).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

test('a word at a time gives the same as a byte at a time, at every alignment', () => {
  const table = gearTable();
  const buffer = new ArrayBuffer(4099);
  const bytes = new Uint8Array(buffer);
  bytes.set(bytesOf('alignment', bytes.length));
  const words = new Uint32Array(buffer, 0, 1024);
  const mask = -(2 ** (32 - 10)) | 0;
  for (let first = 64; first < 400; first += 1) {
    for (const limit of [first + 1, first + 2, first + 3, first + 5, 2049, 4096, 4097, 4099]) {
      const arguments_ = [bytes, words, table, mask, first, limit] as const;
      expect(boundaryByWords(...arguments_)).toBe(boundaryByBytes(...arguments_));
    }
  }
});
