import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { packArtifactId } from '../../src/publish/publish.ts';
import type { ScanProgress } from '../../src/publish/publish-tree.ts';
import { publishTree } from '../../src/publish/publish-tree.ts';
import { MIB, noise, PLACE, Room, sha256, treeIn } from '../helpers/transfers.ts';

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

const code = (expected: string) => expect.objectContaining({ name: 'TransferError', code: expected });

describe('what cannot be published', () => {
  test('a symbolic link, wherever it leads', async () => {
    const source = room.write('source', { a: 'a' });
    for (const [name, to] of [
      ['to-a-file', 'a'],
      ['to-nothing', 'nothing'],
      ['to-a-folder', '.'],
      ['out', '/etc/passwd'],
    ] as const) {
      symlinkSync(to, join(source, name));
      await expect(room.publish(source)).rejects.toThrow(
        `"${name}" is a symbolic link, and only files and folders`,
      );
      rmSync(join(source, name));
    }
  });

  test('a socket, a pipe and a device', async () => {
    const source = room.write('source', { a: 'a' });
    const server = createServer().listen(join(source, 's'));
    await new Promise((resolve) => server.once('listening', resolve));
    await expect(room.publish(source)).rejects.toThrow('"s" is a socket');
    await new Promise((resolve) => server.close(resolve));
    execFileSync('mkfifo', [join(source, 'p')]);
    await expect(room.publish(source)).rejects.toEqual(code('unsupported_file'));
    await expect(room.publish('/dev/null')).rejects.toThrow('"null" is a device');
  });

  test.each([
    ['that is not UTF-8', Buffer.from([0x61, 0xff])],
    ['with a newline', Buffer.from('a\nb')],
    ['with an escape character', Buffer.from('a\u001b[2J')],
    ['with a backslash', Buffer.from('a\\b')],
    ['that is kept for fetching', Buffer.from('.bhiv-fetch')],
  ])('a name %s', async (_what, name) => {
    const source = room.write('source', { a: 'a' });
    writeFileSync(Buffer.concat([Buffer.from(`${source}/`), name]), '');
    await expect(room.publish(source)).rejects.toEqual(code('unsupported_name'));
  });

  test('an empty folder, and what is not there', async () => {
    await expect(room.publish(room.write('source', {}))).rejects.toEqual(code('empty_source'));
    await expect(room.publish(room.at('nowhere'))).rejects.toEqual(code('source_failed'));
    expect(room.transport.counts).toMatchObject({ puts: 0, heads: 0 });
  });

  test('a source that is a symbolic link itself is followed: its caller named it', async () => {
    const source = room.write('source', { a: 'a' });
    symlinkSync(source, room.at('link'));
    await room.publish(room.at('link'));
    symlinkSync(join(source, 'a'), room.at('file link'));
    await room.publish(room.at('file link'), { place: { artifactId: 'model', version: 'v2' } });
    expect(room.manifest('v2').files[0].path).toBe('file link');
  });
});

describe('the packs', () => {
  test('are full, named by their digests, stored before the manifest, in no more than 40 requests a GiB', async () => {
    const source = room.write('source', { a: noise('a', 48 * MIB), b: noise('b', 24 * MIB) });
    const stored: string[] = [];
    const upload = room.transport.uploadArtifact.bind(room.transport);
    room.transport.uploadArtifact = async (one, bytes, options) => {
      const result = await upload(one, bytes, options);
      stored.push(one.version);
      return result;
    };
    room.transport.delayMs = 20;
    await room.publish(source, { concurrency: 2 });
    const { shards } = room.manifest();
    const sizes = shards.map(({ size_bytes: size }: { size_bytes: number }) => Math.ceil(size / MIB));
    expect(sizes.slice(0, -1).every((size: number) => size > 28 && size <= 32)).toBe(true);
    expect(sizes.length).toBe(3);
    for (const { version, digest } of shards)
      expect(sha256(room.stored(version, 'model.packs'))).toBe(digest);
    expect(stored.at(-1)).toBe('v1');
    expect(stored.slice(0, -1).sort()).toEqual(
      shards.map(({ version }: { version: string }) => version).sort(),
    );
    // HEAD for the manifest, and for packs until more are missing than two workers can have had on their way.
    expect(room.transport.counts).toMatchObject({ puts: 3 + 1, heads: 1 + 3 });
    expect(room.transport.mostAtOnce).toBe(2);
    await room.fetch(room.at('target'), { concurrency: 2 });
    expect(room.transport.counts.gets).toBe(1 + 3);
    expect(room.transport.mostAtOnce).toBe(2);
  });

  test('are the same each time, and so is the manifest', async () => {
    const source = room.write('source', { a: noise('a', 3 * MIB), b: 'b' });
    const { digest } = await room.publish(source);
    const again = new Room();
    expect((await again.publish(source)).digest).toBe(digest);
    again.remove();
  });

  test('of an upload that was cut off are not sent again', async () => {
    const source = room.write('source', { a: noise('a', 76 * MIB) });
    room.transport.failAfterBytesUp = 60 * MIB;
    room.transport.failureCode = 'bad_response'; // no reason to try again
    const cutOff = room.publish(source, { concurrency: 1 });
    await expect(cutOff).rejects.toMatchObject({ name: 'FolderTransportError', code: 'bad_response' });
    expect(await room.transport.headArtifact({ bucketId: 'models', ...PLACE })).toBeNull();
    room.transport.failAfterBytesUp = Number.POSITIVE_INFINITY;
    const before = room.transport.counts.bytesUp;
    const published = await room.publish(source, { concurrency: 1 });
    // The one worker had one pack on its way, which is lost.
    expect(published.bytesFound).toBeGreaterThanOrEqual(60 * MIB - 32 * MIB);
    expect(published.bytesFound + published.bytesSent).toBe(76 * MIB + published.size);
    expect(room.transport.counts.bytesUp - before).toBe(published.bytesSent);
    expect(await room.verify()).toMatchObject({ problems: [], files: 1 });
  });

  test('that somebody else has taken the name of are an error', async () => {
    const source = room.write('source', { a: noise('a', 100) });
    await room.publish(source);
    const [{ version }] = room.manifest().shards;
    const other = new Room();
    await other.store(Buffer.from('other bytes'), version, 'model.packs');
    await expect(other.publish(source)).rejects.toEqual(code('pack_conflict'));
    other.remove();
  });

  test('are one where the same bytes are cut in two ways', async () => {
    const source = room.write('source', { a: 'first', b: 'second' });
    await room.publish(source);
    rmSync(join(source, 'b'));
    room.write('source', { whole: 'firstsecond' }); // the bytes of the pack, as one chunk
    const place = { artifactId: 'model', version: 'v2' };
    await room.publish(source, { place, earlier: [room.stored()] });
    expect(room.manifest('v2').shards).toEqual(room.manifest().shards);
    await room.fetch(room.at('target'), { place });
    expect(treeIn(room.at('target'))).toEqual(treeIn(source));
  });

  test('have an artifact_id of their own, also where the logical id leaves no room for it', () => {
    expect(packArtifactId('llama-3-8b')).toBe('llama-3-8b.packs');
    const long = packArtifactId('x'.repeat(255));
    expect(long).toMatch(/^x{184}-[0-9a-f]{64}\.packs$/);
    expect(long.length).toBe(255);
    expect(packArtifactId(`${'x'.repeat(254)}y`)).not.toBe(long);
  });
});

describe('a version that is there', () => {
  test('is found to be the same, and nothing is sent', async () => {
    const source = room.write('source', { a: noise('a', MIB) });
    const first = await room.publish(source);
    const before = room.transport.counts.bytesUp;
    const again = await room.publish(source);
    expect(again).toMatchObject({ digest: first.digest, alreadyPublished: true, bytesSent: 0 });
    expect(room.transport.counts.bytesUp).toBe(before);
  });

  test('is not replaced by another, and nothing is sent for it', async () => {
    const source = room.write('source', { a: noise('a', MIB) });
    await room.publish(source);
    room.write('source', { a: noise('another', MIB) });
    const before = room.transport.counts.bytesUp;
    await expect(room.publish(source)).rejects.toEqual(code('version_exists'));
    expect(room.transport.counts.bytesUp).toBe(before);
  });
});

describe('a file that changes meanwhile', () => {
  /** Publishes a file, and does something to it when the first progress is told. */
  async function publishAnd(
    change: (path: string) => void,
    before: Record<string, string>,
  ): Promise<unknown> {
    const folder = `source with ${Object.keys(before).length} before it`;
    const source = room.write(folder, { ...before, 'file.bin': noise('file', 12 * MIB) });
    let changed = false;
    const host = room.host<ScanProgress>(() => {
      if (!changed) change(join(source, 'file.bin'));
      changed = true;
    });
    const job = {
      source,
      place: PLACE,
      packArtifactId: 'model.packs',
      earlier: [],
      concurrency: 3,
      verifyPacks: false,
    };
    return publishTree(job, host);
  }

  const CHANGES: Record<string, (path: string) => void> = {
    grows: (path) => appendFileSync(path, 'more'),
    'becomes shorter': (path) => truncateSync(path, 1000),
    'is written to, and keeps its size': (path) => writeFileSync(path, noise('other', 12 * MIB)),
    'goes away': (path) => rmSync(path),
    'becomes another one': (path) => {
      renameSync(path, `${path}.old`);
      writeFileSync(path, noise('other', 12 * MIB));
    },
    'becomes a symbolic link': (path) => {
      renameSync(path, `${path}.old`);
      symlinkSync(`${path}.old`, path);
    },
  };

  test.each(Object.entries(CHANGES))(
    'is an error where it %s, and no manifest is stored',
    async (_what, change) => {
      for (const before of [{}, { 'a first one': 'read before it' }]) {
        await expect(publishAnd(change, before)).rejects.toEqual(code('source_changed'));
        expect(await room.transport.headArtifact({ bucketId: 'models', ...PLACE })).toBeNull();
      }
    },
  );

  test('is found by its bytes where nothing else tells of it', async () => {
    const past = new Date('2026-01-01T00:00:00Z');
    const source = room.write('source', { 'file.bin': noise('file', 12 * MIB) });
    utimesSync(join(source, 'file.bin'), past, past);
    const upload = room.transport.uploadArtifact.bind(room.transport);
    room.transport.uploadArtifact = (one, bytes, options) => {
      writeFileSync(join(source, 'file.bin'), noise('other', 12 * MIB));
      utimesSync(join(source, 'file.bin'), past, past);
      return upload(one, bytes, options);
    };
    await expect(room.publish(source)).rejects.toEqual(code('source_changed'));
  });
});

test('the progress goes from nothing to everything', async () => {
  const source = room.write('source', { a: noise('a', 20 * MIB), b: noise('a', 20 * MIB) });
  mkdirSync(join(source, 'c'));
  const told: ScanProgress[] = [];
  const job = {
    source,
    place: PLACE,
    packArtifactId: 'model.packs',
    earlier: [],
    concurrency: 3,
    verifyPacks: false,
  };
  await publishTree(
    job,
    room.host<ScanProgress>((progress) => told.push(progress)),
  );
  expect(told.every(({ bytesTotal }) => bytesTotal === 40 * MIB)).toBe(true);
  const scanned = told.map(({ bytesScanned }) => bytesScanned);
  expect(scanned).toEqual([...scanned].sort((one, other) => one - other));
  expect(told.at(-1)).toEqual({
    bytesTotal: 40 * MIB,
    bytesScanned: 40 * MIB,
    bytesReused: 20 * MIB,
    bytesVerified: 0,
  });
});
