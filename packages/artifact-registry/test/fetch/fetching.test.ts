import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FetchProgress, fetchTree } from '../../src/fetch/fetch-tree.ts';
import { type PlannedRead, planReads } from '../../src/fetch/plan-reads.ts';
import { bytesOf, MIB, noise, PLACE, Room, sha256, treeIn } from '../helpers/transfers.ts';

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

const code = (expected: string) => expect.objectContaining({ name: 'TransferError', code: expected });

describe('a flipped bit', () => {
  test('anywhere in a pack is caught and named, by fetch and by verify', async () => {
    const source = room.write('source', {
      'a.bin': bytesOf('a', 700_000),
      'b.bin': bytesOf('b', 300_000),
      c: 'c',
    });
    await room.publish(source);
    const [{ version, size_bytes: size }] = room.manifest().shards;
    const { chunks, files } = room.manifest();
    for (const at of [0, 1, 524_287, 699_999, 700_000, 999_999, size - 1]) {
      room.flip(version, 'model.packs', at);
      const chunk = chunks.findIndex(
        ({ offset, length }: { offset: number; length: number }) => at < offset + length,
      );
      const { path } = files.find((file: { chunks: number[] }) => file.chunks.includes(chunk));
      const { digest: expected, offset, length } = chunks[chunk];
      const details = { artifactId: 'model.packs', version, offset, length, paths: [path] };
      await expect(room.fetch(room.at(`target ${at}`))).rejects.toMatchObject({
        code: 'digest_mismatch',
        expected,
        details,
      });
      expect(Object.keys(treeIn(room.at(`target ${at}`)))).not.toContain(path);
      const { problems } = await room.verify();
      expect(problems).toEqual([expect.objectContaining({ code: 'digest_mismatch', expected, ...details })]);
      room.flip(version, 'model.packs', at);
    }
    expect((await room.verify()).problems).toEqual([]);
  });

  test('in the manifest is caught where its digest is known', async () => {
    const { digest, size } = await room.publish(room.write('source', { a: 'a' }));
    for (const at of [0, Math.floor(size / 2), size - 1]) {
      room.flip('v1', 'model', at);
      await expect(room.fetch(room.at('target'), { digest })).rejects.toEqual(code('digest_mismatch'));
      await expect(room.verify({ digest })).rejects.toEqual(code('digest_mismatch'));
      room.flip('v1', 'model', at);
    }
  });

  test('on the way is caught like one in Bucket, and the next fetch goes on with what was right', async () => {
    const source = room.write('source', { a: noise('a', 40 * MIB) });
    await room.publish(source);
    room.transport.tamper = (bytes, { artifactId }, start) => {
      if (artifactId !== 'model.packs' || start !== 0 || bytes.byteLength > 20 * MIB) return bytes;
      const copy = Buffer.from(bytes);
      copy[1000] = (copy[1000] ?? 0) ^ 1;
      return copy;
    };
    await expect(room.fetch(room.at('target'))).rejects.toEqual(code('digest_mismatch'));
    room.transport.tamper = (bytes) => bytes;
    const fetched = await room.fetch(room.at('target'));
    expect(fetched.bytesKept).toBeGreaterThan(25 * MIB);
    expect(fetched.bytesKept + fetched.bytesWritten).toBe(40 * MIB);
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });
});

describe('a fetch that was cut off', () => {
  test('goes on: what was verified does not come again', async () => {
    const source = room.write('source', { a: noise('a', 40 * MIB), b: 'b', 'c/d': noise('d', 4 * MIB) });
    await room.publish(source);
    room.transport.failAfterBytesDown = 36 * MIB;
    room.transport.failureCode = 'bad_response';
    await expect(room.fetch(room.at('target'), { concurrency: 1 })).rejects.toMatchObject({
      code: 'bad_response',
    });
    expect(Object.keys(treeIn(room.at('target')))).not.toContain('a');
    room.transport.failAfterBytesDown = Number.POSITIVE_INFINITY;
    const fetched = await room.fetch(room.at('target'), { concurrency: 1 });
    expect(fetched.bytesKept).toBeGreaterThan(28 * MIB); // the first pack: the last chunk may have had no room in it
    expect(fetched.bytesReceived).toBe(44 * MIB + 1 - fetched.bytesKept);
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });

  test('finds what was damaged in the meantime, and what is longer than it should be', async () => {
    const source = room.write('source', { a: bytesOf('a', 3 * MIB), b: bytesOf('b', 1000) });
    await room.publish(source);
    const { files } = room.manifest();
    const partial = (index: number) => {
      const { path, digest } = files[index];
      const name = sha256(Buffer.from(`${path}\0${digest}`)).slice(7, 39);
      return `.bhiv-fetch/${name}.part`;
    };
    const left = bytesOf('a', 3 * MIB);
    left[10] = (left[10] ?? 0) ^ 1; // in its first chunk
    room.write('target', {
      [partial(0)]: Buffer.concat([left, Buffer.from('more')]),
      [partial(1)]: bytesOf('b', 999),
      '.bhiv-fetch/of-another.part': 'old',
    });
    const fetched = await room.fetch(room.at('target'));
    const first = room.manifest().chunks[0].length;
    expect(fetched).toMatchObject({ bytesKept: 3 * MIB - first, bytesWritten: first + 1000 });
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });

  test('that has all bytes needs no more of them', async () => {
    const source = room.write('source', { a: bytesOf('a', 1000) });
    await room.publish(source);
    const [{ path, digest }] = room.manifest().files;
    const name = sha256(Buffer.from(`${path}\0${digest}`)).slice(7, 39);
    room.write('target', { [`.bhiv-fetch/${name}.part`]: bytesOf('a', 1000) });
    expect(await room.fetch(room.at('target'))).toMatchObject({ bytesKept: 1000, bytesReceived: 0 });
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });

  test('that was finished costs the manifest alone, and heals what was damaged since', async () => {
    const source = room.write('source', { a: bytesOf('a', 1000), b: bytesOf('b', 1000), c: '' });
    await room.publish(source);
    await room.fetch(room.at('target'));
    expect(await room.fetch(room.at('target'))).toMatchObject({ filesKept: 3, bytesReceived: 0 });
    writeFileSync(room.at('target/a'), bytesOf('other', 1000));
    rmSync(room.at('target/c'));
    expect(await room.fetch(room.at('target'))).toMatchObject({ filesKept: 1, bytesReceived: 1000 });
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });
});

describe('a list of shards by another tool', () => {
  const one = bytesOf('one', 40 * MIB);
  const two = bytesOf('two', 10);

  test('is fetched: each shard is a file, and is held to its digest', async () => {
    const digest = await room.store(one, 'v1', 'one.bin');
    await room.store(two, 'v7', 'shard-2');
    await room.store(Buffer.alloc(0), 'v1', 'empty');
    await room.storeJson({
      shards: [
        { name: 'one.bin', digest },
        {
          name: 'in/two.bin',
          digest: sha256(two).toUpperCase().replace('SHA', 'sha'),
          artifact_id: 'shard-2',
          version: 'v7',
        },
        { name: 'empty', digest: sha256(Buffer.alloc(0)), size_bytes: 0 },
      ],
    });
    expect(await room.fetch(room.at('target'))).toMatchObject({ files: 3, bytesWritten: 40 * MIB + 10 });
    expect(treeIn(room.at('target'))).toEqual({
      'one.bin': digest,
      'in/two.bin': sha256(two),
      empty: sha256(Buffer.alloc(0)),
    });
    expect((await room.verify()).problems).toEqual([]);
    room.flip('v1', 'one.bin', 35 * MIB);
    const { problems } = await room.verify();
    expect(problems).toEqual([
      expect.objectContaining({ artifactId: 'one.bin', paths: ['one.bin'], expected: digest }),
    ]);
    await expect(room.fetch(room.at('other'))).rejects.toMatchObject({
      code: 'digest_mismatch',
      details: { path: 'one.bin' },
    });
    expect(Object.keys(treeIn(room.at('other')))).not.toContain('one.bin');
  });

  test('is an error where Bucket has not what it says', async () => {
    const digest = await room.store(two, 'v1', 'two');
    await room.storeJson({ shards: [{ name: 'nothing', digest }] }, 'absent');
    await room.storeJson({ shards: [{ name: 'two', digest: sha256(one), version: 'v1' }] }, 'other digest');
    await room.storeJson({ shards: [{ name: 'two', digest, version: 'v1', size_bytes: 11 }] }, 'other size');
    const fetchOf = (version: string) =>
      room.fetch(room.at('target'), { place: { artifactId: 'model', version } });
    await expect(fetchOf('absent')).rejects.toEqual(code('pack_not_found'));
    await expect(fetchOf('other digest')).rejects.toEqual(code('digest_mismatch'));
    await expect(fetchOf('other size')).rejects.toEqual(code('size_mismatch'));
  });
});

describe('verify', () => {
  test('tells of every pack that is not there, or that is wrong where this version has nothing', async () => {
    const source = room.write('source', { a: noise('a', 40 * MIB), b: bytesOf('b', 10), c: '' });
    await room.publish(source);
    room.write('source', { a: noise('another', 100) });
    const place = { artifactId: 'model', version: 'v2' };
    await room.publish(source, { place, earlier: [room.stored()] }); // b from a pack of v1
    const packOfB = room
      .manifest('v2')
      .shards.find(({ size_bytes: size }: { size_bytes: number }) => size > 100).version;
    room.flip(packOfB, 'model.packs', 0); // bytes of v1's a alone
    const { problems } = await room.verify({ place });
    expect(problems).toEqual([
      expect.objectContaining({ code: 'digest_mismatch', version: packOfB, paths: ['b'] }),
    ]);
    await room.fetch(room.at('target'), { place }); // its own bytes are right
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));

    const first = room.manifest().shards[0].version;
    rmSync(room.transport.refPathOf({ bucketId: 'models', artifactId: 'model.packs', version: first }));
    const verified = await room.verify();
    expect(verified.problems).toEqual([
      expect.objectContaining({ code: 'artifact_not_found', version: first, paths: ['a'] }),
      expect.objectContaining({ code: 'digest_mismatch', version: packOfB }),
    ]);
    expect(verified).toMatchObject({ packs: 2, files: 3 });
  });

  test('hashes files as wholes, also where their chunks lie in another order', async () => {
    const source = room.write('source', { a: bytesOf('a', 1000), b: bytesOf('b', 2000) });
    await room.publish(source);
    const manifest = room.manifest();
    const [a, b] = manifest.files;
    // b before a, and a file of both: no chunk of it comes in order but the last.
    const both = Buffer.concat([bytesOf('b', 2000), bytesOf('a', 1000), bytesOf('b', 2000)]);
    manifest.files = [
      {
        path: 'both',
        size_bytes: 5000,
        digest: sha256(both),
        chunks: [b.chunks[0], a.chunks[0], b.chunks[0]],
      },
      { ...a, path: 'wrong', digest: sha256(Buffer.from('else')) },
    ];
    const place = { artifactId: 'model', version: 'mixed' };
    await room.storeJson(manifest, 'mixed');
    const { problems } = await room.verify({ place });
    expect(problems).toEqual([expect.objectContaining({ code: 'digest_mismatch', paths: ['wrong'] })]);
    await expect(room.fetch(room.at('target'), { place })).rejects.toMatchObject({
      details: { path: 'wrong' },
    });
    expect(treeIn(room.at('target'))).toMatchObject({ both: sha256(both) });
  });

  test('rejects where the way to Bucket fails', async () => {
    await room.publish(room.write('source', { a: 'a' }));
    room.transport.failureCode = 'bad_response';
    room.transport.failAfterBytesDown = room.stored().byteLength;
    await expect(room.verify()).rejects.toMatchObject({ code: 'bad_response' });
  });
});

describe('the reads', () => {
  const chunk = (pack: number, offset: number, length: number) => ({ digest: 'x', pack, offset, length });
  const file = (...chunks: number[]) => ({ path: 'x', size: 0, digest: 'x', chunks, executable: false });
  const plan = (chunks: ReturnType<typeof chunk>[], files: ReturnType<typeof file>[]) =>
    planReads(files, chunks, () => true);
  const ranges = (reads: readonly PlannedRead[]) => reads.map(({ pack, start, end }) => [pack, start, end]);

  test('take neighbours together, and what lies a little apart', () => {
    const chunks = [
      chunk(0, 0, 100),
      chunk(0, 100, 100),
      chunk(0, 200 + 8 * MIB, 100),
      chunk(0, 301 + 16 * MIB, 100),
    ];
    expect(ranges(plan(chunks, [file(0, 1, 2, 3)]))).toEqual([
      [0, 0, 300 + 8 * MIB],
      [0, 301 + 16 * MIB, 401 + 16 * MIB],
    ]);
  });

  test('take no more than 32 MiB', () => {
    const chunks = Array.from({ length: 40 }, (_, index) => chunk(0, index * MIB, MIB));
    expect(ranges(plan(chunks, [file(...chunks.keys())]))).toEqual([
      [0, 0, 32 * MIB],
      [0, 32 * MIB, 40 * MIB],
    ]);
  });

  test('come in the order in which the files need them, and each chunk once', () => {
    const chunks = [chunk(1, 0, 10), chunk(0, 0, 10), chunk(0, 5, 10)];
    const reads = plan(chunks, [file(0, 1, 0), file(2, 0)]);
    expect(ranges(reads)).toEqual([
      [1, 0, 10],
      [0, 0, 15],
    ]);
    expect(reads[0]?.chunks[0]?.uses).toEqual([
      { file: 0, index: 0, position: 0 },
      { file: 0, index: 2, position: 20 },
      { file: 1, index: 1, position: 10 },
    ]);
  });
});

test('the progress goes from what was there to everything', async () => {
  await room.publish(room.write('source', { a: bytesOf('a', 1000), b: bytesOf('b', 2000) }));
  room.write('target', { a: bytesOf('a', 1000) });
  const told: FetchProgress[] = [];
  const job = { place: PLACE, digest: undefined, target: room.at('target'), concurrency: 3 };
  await fetchTree(
    job,
    room.host<FetchProgress>((progress) => told.push(progress)),
  );
  expect(told.at(-1)).toEqual({ bytesTotal: 3000, bytesKept: 1000, bytesWritten: 2000, bytesReceived: 2000 });
});
