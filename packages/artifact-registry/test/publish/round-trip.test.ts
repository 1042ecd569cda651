import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runsOf, timeFor } from '../helpers/runs.ts';
import { bytesOf, MIB, noise, Room, safetensorsOf, treeIn } from '../helpers/transfers.ts';

const RUNS = runsOf(20);

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

const name = fc
  .oneof(
    fc.constantFrom(
      'a',
      'b',
      'A',
      'é',
      'e\u0301',
      'प्रशिक्षण',
      '😀.bin',
      '..a',
      '...',
      ' x ',
      'a:b',
      '"',
      '%2e',
      '-rf',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  )
  .filter((text) => !/[/\\\p{Cc}\p{Cs}]|^\.{1,2}$/u.test(text) && Buffer.byteLength(text) <= 255);
const content = fc.oneof(
  fc.constantFrom(0, 1, 100, 70_000, 600_000).map((length) => bytesOf('shared', length)),
  fc.tuple(fc.string(), fc.integer({ min: 0, max: 300_000 })).map(([seed, length]) => bytesOf(seed, length)),
);
const entry = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
  content: fc.option(content, { nil: undefined }), // none: a folder
  executable: fc.boolean(),
});

/** Writes what can stand side by side. Says whether anything does. */
function writeTree(
  folder: string,
  entries: readonly { path: string; content: Buffer | undefined; executable: boolean }[],
) {
  mkdirSync(folder);
  for (const { path, content, executable } of entries) {
    const location = join(folder, path);
    try {
      mkdirSync(content === undefined ? location : dirname(location), { recursive: true });
      if (content !== undefined) writeFileSync(location, content, { mode: executable ? 0o755 : 0o644 });
    } catch (error) {
      // A file stands where a folder would be, or the other way round: the tree does without.
      expect(['EEXIST', 'ENOTDIR', 'EISDIR']).toContain((error as { code: string }).code);
    }
  }
  return Object.keys(treeIn(folder)).length > 0;
}

test(
  'what is fetched is what was published, whatever the tree',
  async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 12 }), async (entries) => {
        number += 1;
        const source = room.at(`source-${number}`);
        if (!writeTree(source, entries)) return;
        const place = { artifactId: 'model', version: `v${number}` };
        const published = await room.publish(source, { place });
        const target = room.at(`target-${number}`);
        const fetched = await room.fetch(target, { place, digest: published.digest });
        expect(treeIn(target)).toEqual(treeIn(source));
        expect(fetched).toMatchObject({
          files: published.files,
          bytesWritten: published.bytes,
          bytesKept: 0,
        });
      }),
      { numRuns: RUNS },
    );
  },
  timeFor(RUNS),
);

describe('a tree', () => {
  test('of everything that is odd comes back as it was', async () => {
    const source = room.write('source', {
      'model.safetensors': safetensorsOf({ a: noise('a', 3 * MIB), b: bytesOf('b', 10) }),
      'large.bin': noise('large', 20 * MIB),
      'zeros.bin': Buffer.alloc(9 * MIB),
      'copy/of/large.bin': noise('large', 20 * MIB),
      'empty.txt': '',
      'empty folder/in a folder/': '',
      'प्रशिक्षण/😀 ü.txt': 'unicode',
      'e\u0301': 'not composed',
      é: 'composed',
      'run.sh': '#!/bin/sh',
    });
    chmodSync(join(source, 'run.sh'), 0o755);
    const published = await room.publish(source);
    const total = 20 * MIB + 9 * MIB + 3 * MIB;
    expect(published.bytesSent).toBeLessThan(total + 100_000);
    expect(published.bytesSent).toBeGreaterThan(total - 9 * MIB); // zeros are sent once
    expect(published.bytesReused).toBeGreaterThan(20 * MIB);
    await room.fetch(room.at('target'));
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
    expect(room.manifest().folders).toEqual(['empty folder/in a folder']);
  });

  test('of one file is that file, in the folder that is fetched into', async () => {
    const source = room.write('source', { 'model.bin': bytesOf('m', 100) });
    await room.publish(join(source, 'model.bin'));
    await room.fetch(room.at('deep/target'));
    expect(treeIn(room.at('deep/target'))).toEqual(treeIn(source));
  });

  test('of empty files and folders needs no pack', async () => {
    const source = room.write('source', { 'a/empty': '', 'b/': '' });
    const { bytes } = await room.publish(source);
    expect(bytes).toBe(0);
    expect(room.manifest()).toMatchObject({ shards: [], chunks: [] });
    await room.fetch(room.at('target'));
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });
});

describe('the next version', () => {
  const tensors = Object.fromEntries(
    Array.from({ length: 8 }, (_, index) => [`w${index}`, noise(`w${index}`, 2 * MIB)]),
  );

  test('sends what changed, and its manifest stands on its own', async () => {
    const source = room.write('source', { 'model.safetensors': safetensorsOf(tensors), 'config.json': '{}' });
    await room.publish(source);
    room.write('source', {
      'model.safetensors': safetensorsOf({ ...tensors, w3: noise('trained', 2 * MIB) }),
    });
    const place = { artifactId: 'model', version: 'v2' };
    const second = await room.publish(source, { place, earlier: [room.stored()] });
    expect(second.bytesSent).toBeGreaterThan(2 * MIB);
    expect(second.bytesSent).toBeLessThan(2 * MIB + 20_000);
    expect(second.bytesReused).toBe(second.bytes - 2 * MIB);
    await room.fetch(room.at('target'), { place });
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });

  test('that is the same sends its manifest alone, which is the same', async () => {
    const source = room.write('source', { 'model.safetensors': safetensorsOf(tensors) });
    const first = await room.publish(source);
    const place = { artifactId: 'model', version: 'v2' };
    const second = await room.publish(source, { place, earlier: [room.stored()] });
    expect(second).toMatchObject({ digest: first.digest, bytesSent: first.size, bytesReused: first.bytes });
  });

  test('that has bytes inserted in the middle of a file sends little more', async () => {
    const bytes = noise('unknown format', 16 * MIB);
    const source = room.write('source', { file: bytes });
    await room.publish(source);
    room.write('source', {
      file: Buffer.concat([bytes.subarray(0, 5 * MIB), Buffer.from('inserted'), bytes.subarray(5 * MIB)]),
    });
    const place = { artifactId: 'model', version: 'v2' };
    const second = await room.publish(source, { place, earlier: [room.stored()] });
    expect(second.bytesSent).toBeLessThan(5 * MIB);
    await room.fetch(room.at('target'), { place });
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });

  test('passes over earlier manifests that it cannot use', async () => {
    const source = room.write('source', { a: 'a' });
    const earlier = [
      Buffer.from('no manifest'),
      Buffer.from('{"shards":[]}'),
      Buffer.from('{"manifest_version":2}'),
    ];
    expect(await room.publish(source, { earlier })).toMatchObject({ bytesReused: 0, files: 1 });
  });

  test('may be fetched over the one before: what is right is kept, what is not is replaced, what is not named stays', async () => {
    const source = room.write('source', { a: 'same', b: 'before', 'run.sh': 'x' });
    await room.publish(source);
    await room.fetch(room.at('target'));
    room.write('target', { mine: 'not of the version' });
    room.write('source', { b: 'after!' });
    chmodSync(join(source, 'run.sh'), 0o755);
    const place = { artifactId: 'model', version: 'v2' };
    await room.publish(source, { place, earlier: [room.stored()] });
    const fetched = await room.fetch(room.at('target'), { place });
    expect(fetched).toMatchObject({
      files: 3,
      filesKept: 2,
      bytesKept: 5,
      bytesWritten: 6,
      bytesReceived: 6,
    });
    const { mine, ...others } = treeIn(room.at('target'));
    expect(others).toEqual(treeIn(source));
    expect(mine).toBeDefined();
    chmodSync(join(source, 'run.sh'), 0o644);
    await room.publish(source, { place: { artifactId: 'model', version: 'v3' } });
    await room.fetch(room.at('target'), { place: { artifactId: 'model', version: 'v3' } });
    expect(treeIn(room.at('target'))).toMatchObject(treeIn(source));
  });
});
