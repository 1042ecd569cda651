import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { removeFilesOfSize, sizeThatFits } from '../src/disk.ts';
import { piecesOf, sha256Of } from '../src/load/body.ts';
import { inTurns } from '../src/load/in-turns.ts';

const MIB = 1024 * 1024;

describe('a body', () => {
  test.each([0, 1, 4096, MIB, MIB + 1, 3 * MIB - 1])(
    'of %i bytes has just these, and their digest',
    (bytes) => {
      const all = Buffer.concat([...piecesOf({ seed: 3, bytes })]);
      expect(all.length).toBe(bytes);
      expect(sha256Of({ seed: 3, bytes })).toBe(createHash('sha256').update(all).digest('hex'));
    },
  );

  test('is the same for one seed, and another for another', () => {
    const digestOf = (seed: number) => sha256Of({ seed, bytes: 4096 });
    expect(digestOf(5)).toBe(digestOf(5));
    expect(new Set([0, 1, 2, 255, 256, 65_536].map(digestOf)).size).toBe(6);
  });
});

test('every item has its turn once, one at a time on each lane', async () => {
  const busy = new Set<string>();
  const done: number[] = [];
  const numbers = Array.from({ length: 20 }, (_, i) => i);
  await inTurns(['a', 'b', 'c'], numbers, async (lane, i) => {
    expect(busy.has(lane)).toBe(false);
    busy.add(lane);
    await sleep(i % 3);
    busy.delete(lane);
    done.push(i);
  });
  expect(done.toSorted((a, b) => a - b)).toEqual(numbers);
});

test('what fails in a turn fails them all', async () => {
  await expect(inTurns([1, 2], [1, 2, 3], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

describe('the disk', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test('files of one size are removed, wherever they are, and no others', () => {
    mkdirSync(join(folder, 'deep', 'down'), { recursive: true });
    for (const [path, bytes] of [
      ['a', 9],
      ['deep/down/b', 10],
      ['deep/c', 10],
      ['deep/d', 11],
    ] as const) {
      writeFileSync(join(folder, path), Buffer.alloc(bytes));
    }
    removeFilesOfSize(folder, 10);
    expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(['a', 'deep', 'deep/d', 'deep/down']);
  });

  test('a size that does not fit is halved until it does', async () => {
    expect(await sizeThatFits(folder, 2, 4096)).toBe(4096);
    const wanted = 2 ** 60;
    const bytes = await sizeThatFits(folder, 16, wanted);
    expect(bytes).toBeLessThan(wanted);
    expect(Number.isInteger(Math.log2(bytes))).toBe(true);
  });
});
