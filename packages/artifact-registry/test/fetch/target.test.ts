import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { targetFailed } from '../../src/fetch/target.ts';
import { inParallel } from '../../src/in-parallel.ts';
import { readAhead } from '../../src/read-ahead.ts';
import { TransferError } from '../../src/transfer-error.ts';
import { Room } from '../helpers/transfers.ts';

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

test.each([
  ['ENOSPC', 'target_full', 'is full: make room'],
  ['EDQUOT', 'target_full', 'is full: make room'],
  ['EEXIST', 'target_conflict', 'must be a folder'],
  ['ENOTDIR', 'target_conflict', 'must be a folder'],
  ['EACCES', 'target_failed', 'cannot be written: no way'],
])('%s of the system is told as %s', (system, code, words) => {
  const cause = Object.assign(new Error('no way'), { code: system });
  const error = targetFailed('/target/file', cause);
  expect(error).toMatchObject({ name: 'TransferError', code, cause, details: { path: '/target/file' } });
  expect(String(error)).toContain(words);
});

test('an error of ours is told as it is', () => {
  const error = new TransferError('aborted', 'over');
  expect(targetFailed('/target/file', error)).toBe(error);
});

test('a folder that cannot be written into is told, and what is there stays', async () => {
  await room.publish(room.write('source', { a: 'a' }));
  mkdirSync(room.at('target'));
  chmodSync(room.at('target'), 0o555);
  try {
    writeFileSync(room.at('target/probe'), '');
    console.log('skipped: this user may write where nobody may');
    return;
  } catch {
    await expect(room.fetch(room.at('target'))).rejects.toMatchObject({ code: 'target_failed' });
    expect(readdirSync(room.at('target'))).toEqual([]);
  } finally {
    chmodSync(room.at('target'), 0o755);
  }
});

test('a target that is not a folder is told, and what stands there stays', async () => {
  await room.publish(room.write('source', { a: 'a' }));
  writeFileSync(room.at('target'), 'mine');
  for (const target of [room.at('target'), join(room.at('target'), 'below')]) {
    await expect(room.fetch(target)).rejects.toMatchObject({ code: 'target_conflict' });
  }
  expect(readFileSync(room.at('target'), 'utf8')).toBe('mine');
});

test('work in parallel is started in order, ends at the first failure, and lets the others end', async () => {
  const started: number[] = [];
  const ended: number[] = [];
  const running = inParallel([0, 1, 2, 3, 4, 5], 2, async (item) => {
    started.push(item);
    await new Promise((resolve) => setTimeout(resolve, item === 2 ? 1 : 20));
    if (item === 2) throw new Error('two');
    ended.push(item);
  });
  await expect(running).rejects.toThrow('two');
  expect(started).toEqual([0, 1, 2, 3]);
  expect(ended).toEqual([0, 1, 3]);
});

test('what is read ahead comes in order, no more than asked for is on its way, and nothing is when it is left', async () => {
  let running = 0;
  let most = 0;
  const read = async (item: number) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 10 - item));
    running -= 1;
    if (item === 4) throw new Error('four');
    return item * 10;
  };
  const got: [number, number][] = [];
  const all = async () => {
    for await (const [item, result] of readAhead([1, 2, 3, 4, 5, 6, 7], 2, read)) got.push([item, result]);
  };
  await expect(all()).rejects.toThrow('four');
  expect(got).toEqual([
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
  expect([most, running]).toEqual([3, 0]);
});
