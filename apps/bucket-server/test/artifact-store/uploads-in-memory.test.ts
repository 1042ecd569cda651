import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { put, read, sampleBlob } from '../../src/artifact-store/conformance/samples.ts';
import { SlabPool } from '../../src/artifact-store/files/slab-pool.ts';
import { Staging } from '../../src/artifact-store/files/staging.ts';
import { openFilesUnderTest } from './files-under-test.ts';

describe('SlabPool', () => {
  test('never makes more slabs than it may, and serves in order of asking', async () => {
    const pool = new SlabPool(1024, 2);
    const [first, second] = [await pool.take(), await pool.take()];
    const served: string[] = [];
    const waiting = ['a', 'b'].map((name) =>
      pool.take().then((slab) => served.push(`${name} ${slab === first}`)),
    );
    await delay(5);
    expect(served).toEqual([]);
    pool.give(first);
    pool.give(second);
    await Promise.all(waiting);
    expect(served).toEqual(['a true', 'b false']);
  });

  test('while somebody waits, holders that have been idle let go, and others keep theirs', async () => {
    const pool = new SlabPool(1024, 2);
    const [idle, busy] = [await pool.take(), await pool.take()];
    const holders = [
      { touchedAt: performance.now() - 1000, letGo: () => pool.give(idle) },
      { touchedAt: performance.now() + 60_000, letGo: () => pool.give(busy) },
    ];
    for (const holder of holders) pool.hold(holder);
    await delay(60);
    const taken = pool.take();
    expect((await taken) === idle).toBe(true);
    for (const holder of holders) pool.release(holder);
  });
});

describe('Staging', () => {
  test('grows with what is in it, and keeps it', () => {
    const staging = new Staging(10_000);
    for (let count = 0; count < 10_000; count += 1) staging.add(Uint8Array.of(count % 256));
    expect(staging.hasRoomFor(0)).toBe(true);
    expect(staging.hasRoomFor(1)).toBe(false);
    expect(staging.bytes.every((byte, index) => byte === index % 256)).toBe(true);
    staging.clear();
    expect(staging.length).toBe(0);
  });
});

describe('uploads', () => {
  test('a client that sends a byte at a time costs no file before it has sent much', async () => {
    const underTest = await openFilesUnderTest();
    try {
      const blob = sampleBlob(300);
      const temps: number[] = [];
      async function* dripping() {
        for (const byte of blob.bytes) {
          yield Uint8Array.of(byte);
          if (temps.length < 300) temps.push((await underTest.leftBehind()).length);
        }
      }
      await underTest.store.putBlob(blob.key, dripping(), blob.claim);
      expect(Math.max(...temps)).toBe(0);
      expect((await read(underTest.store, blob.key))?.equals(blob.bytes)).toBe(true);
    } finally {
      await underTest.dispose();
    }
  });

  test('more of them than there are slabs, each slow, still all come to their end', async () => {
    const underTest = await openFilesUnderTest();
    try {
      const blobs = Array.from({ length: 80 }, () => sampleBlob(700_000));
      await Promise.all(
        blobs.map(({ key, bytes, claim }) => {
          async function* slowly() {
            for (let start = 0; start < bytes.length; start += 100_000) {
              yield bytes.subarray(start, start + 100_000);
              await delay(10);
            }
          }
          return underTest.store.putBlob(key, slowly(), claim);
        }),
      );
      for (const { key, bytes } of blobs)
        expect((await read(underTest.store, key))?.equals(bytes)).toBe(true);
      expect(readdirSync(join(underTest.folder, 'artifacts', 'tmp'))).toEqual([]);
      await put(underTest.store, sampleBlob(10));
    } finally {
      await underTest.dispose();
    }
  });
});
