import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { put, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { type Buffers, ReadBuffers } from '../../src/artifact-store/files/read-buffers.ts';
import type { OpenedObject } from '../../src/artifact-store/object-store.ts';
import { openFilesUnderTest } from './files-under-test.ts';

const MIB = 1024 * 1024;
const SMALL = 32 * 1024;
const LARGE = 256 * 1024;

const sizeOf = (buffers: Buffers) => buffers[0]?.length;

test('slow readers never hold all of the large buffers: quick ones get some when they have proved it', () => {
  const buffers = new ReadBuffers();
  const begun = Array.from({ length: 100 }, () => buffers.lease());
  expect(begun.filter((each) => sizeOf(each) === LARGE)).toHaveLength(16);
  const late = begun.slice(-10);
  expect(late.map((each) => sizeOf(buffers.exchange(each, 15 * MIB)))).toEqual(Array(10).fill(SMALL));
  const quick = late.map((each) => buffers.exchange(each, 16 * MIB));
  expect(quick.map(sizeOf)).toEqual([...Array(8).fill(LARGE), SMALL, SMALL]);
});

test('what is given back is lent again, to one reader at a time', () => {
  const buffers = new ReadBuffers();
  const first = Array.from({ length: 16 }, () => buffers.lease());
  expect(sizeOf(buffers.lease())).toBe(SMALL);
  for (const each of first) buffers.giveBack(each);
  const again = Array.from({ length: 16 }, () => buffers.lease());
  expect(new Set([...first, ...again]).size).toBe(16);
  expect(sizeOf(buffers.lease())).toBe(SMALL);
});

test('a read that gets larger buffers on its way gives the right bytes', async () => {
  const { store, dispose } = await openFilesUnderTest();
  const begun: OpenedObject[] = [];
  try {
    const blob = sampleBlob(20 * MIB + 12_345);
    await put(store, blob);
    // Sixteen readers that have begun and take nothing more.
    for (let i = 0; i < 16; i += 1) {
      const object = await store.get(blob.key);
      await object?.pieces[Symbol.asyncIterator]().next();
      if (object !== null) begun.push(object);
    }
    const lengths: number[] = [];
    const hash = createHash('sha256');
    let before: Uint8Array = Buffer.alloc(0);
    for await (const piece of (await store.get(blob.key))?.pieces ?? []) {
      lengths.push(piece.length);
      hash.update(before); // a piece stays as it is while the next one is looked at
      before = piece;
    }
    hash.update(before);
    expect(hash.digest('hex')).toBe(blob.claim.sha256);
    expect([lengths[0], lengths.at(-2)]).toEqual([SMALL, LARGE]);
  } finally {
    for (const object of begun) await object.close();
    await dispose();
  }
});
