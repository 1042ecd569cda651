import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type ModelFile, piecesOfModel, TENSOR_BYTES } from '../src/load/model-file.ts';
import { filesOf, pairs } from '../src/second-publish-pairs.ts';
import { removeStored } from '../src/stored-files.ts';

const MODEL: ModelFile = { format: 'safetensors', tensors: 3, seed: 1 };
const bytesOf = (model: ModelFile) => Buffer.concat([...piecesOfModel(model)]);

/** The header of a safetensors file, and its tensors. */
function read(bytes: Buffer) {
  const end = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.toString('utf8', 8, end));
  const offsets: [number, number][] = Object.values<{ data_offsets: [number, number] }>(tensors).map(
    (tensor) => tensor.data_offsets,
  );
  const data = offsets.map(([from, to]) => bytes.subarray(end + from, end + to));
  return { metadata, data, end };
}

describe('a file of safetensors', () => {
  test('has a header that tells where its tensors lie, one behind the other to its end', () => {
    const bytes = bytesOf(MODEL);
    const { data, end } = read(bytes);
    expect(data.map(({ length }) => length)).toEqual([TENSOR_BYTES, TENSOR_BYTES, TENSOR_BYTES]);
    expect(bytes.length).toBe(end + 3 * TENSOR_BYTES);
    expect(data[0]?.equals(data[1] ?? Buffer.of())).toBe(false);
  });

  test('that was trained has other bytes in those tensors, and nowhere else', () => {
    const [before, after] = [bytesOf(MODEL), bytesOf({ ...MODEL, trained: [1] })];
    expect(after.length).toBe(before.length);
    const same = read(before).data.map((tensor, i) => tensor.equals(read(after).data[i] ?? Buffer.of()));
    expect(same).toEqual([true, false, true]);
  });

  test('with more at its head has the same tensors so many bytes later', () => {
    const [before, after] = [read(bytesOf(MODEL)), read(bytesOf({ ...MODEL, atHead: 1024 }))];
    expect(after.end - before.end).toBe(1024);
    expect(Buffer.concat(after.data).equals(Buffer.concat(before.data))).toBe(true);
  });
});

test('a file of no known format has more at its head before the same bytes', () => {
  const model: ModelFile = { format: 'unknown', tensors: 1, seed: 1 };
  const [before, after] = [bytesOf(model), bytesOf({ ...model, atHead: 1024 })];
  expect(after.subarray(1024).equals(before)).toBe(true);
  expect(bytesOf({ ...model, seed: 2 }).equals(before)).toBe(false);
});

test('every pair has a goal but the one that comes as it comes', async () => {
  const all = pairs(205);
  expect(all.map(({ what }) => what)[0]).toContain('10 of 205 tensors of 5 MiB changed (4.88 %), 1,025 MiB');
  expect(all).toHaveLength(5);
});

describe('files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
  const blob = 'a'.repeat(64);
  mkdirSync(join(folder, 'blobs'));
  writeFileSync(join(folder, 'blobs', blob), '1');
  writeFileSync(join(folder, 'ref.json'), '2');

  test('of a folder are all that are in it; of a file, itself', () => {
    const path = join(folder, 'blobs', blob);
    expect(filesOf(folder).toSorted()).toEqual([path, join(folder, 'ref.json')]);
    expect(filesOf(path)).toEqual([path]);
  });

  test('that Bucket stored are removed, and nothing else', () => {
    removeStored(folder);
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(['blobs', 'ref.json']);
    rmSync(folder, { recursive: true });
  });
});
