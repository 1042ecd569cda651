import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Target } from '../../src/fetch/target.ts';
import { bytesOf, Room, sha256, treeIn } from '../helpers/transfers.ts';

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

const code = (expected: string) => expect.objectContaining({ name: 'TransferError', code: expected });

// JSON of the tests' own: what an attacker can write is not bound to any type.
type Json = ReturnType<typeof JSON.parse>;

/** A version of two files in two packs, and what an attacker makes of its manifest. */
async function attack(change: (manifest: Json) => void): Promise<unknown> {
  const source = room.write('source', { 'a/one': bytesOf('one', 5000), two: bytesOf('two', 5000) });
  await room.publish(source, { place: { artifactId: 'model', version: 'honest' } });
  const manifest = room.manifest('honest');
  change(manifest);
  await room.storeJson(manifest);
  return room.fetch(room.at('inside/target'));
}

/** Everything that there is, but for Bucket and what was published. */
function everything(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(treeIn(room.path)).filter(([path]) => !/^(?:bucket|source)\//.test(path)),
  );
}

const renamed = (path: unknown) => (manifest: Json) => {
  manifest.files[0].path = path;
};

const PATHS: Record<string, unknown> = {
  upwards: '../escaped',
  'far upwards': '../../../../../../../../tmp/escaped',
  'upwards inside': 'a/../../escaped',
  absolute: '/tmp/escaped',
  'with a NUL': 'a\0b',
  'with a backslash': '..\\escaped',
  'with a drive': 'C:\\escaped',
  '"."': '.',
  '".."': '..',
  empty: '',
  'with an empty name': 'a//b',
  'with a slash at its end': 'a/',
  'that is twice there': 'two',
  'that is the folder of another': 'two/inside',
  'in the folder of unfinished files': '.bhiv-fetch/x',
  'with half of a surrogate pair': 'a\ud800',
};

test.each(Object.entries(PATHS))('a path %s is refused before anything is written', async (_what, path) => {
  expect(await caught(attack(renamed(path)))).toEqual(code('unsafe_path'));
  expect(everything()).toEqual({});
});

const CONTRADICTIONS: Record<string, (manifest: Json) => void> = {
  'a chunk beyond its pack': (manifest) => {
    manifest.chunks[0].offset = 9999;
  },
  'a chunk of no pack': (manifest) => {
    manifest.chunks[0].shard = 7;
  },
  'a chunk of a negative offset': (manifest) => {
    manifest.chunks[0].offset = -1;
  },
  'a file of no chunk': (manifest) => {
    manifest.files[0].chunks = [99];
  },
  'a wrong size': (manifest) => {
    manifest.files[0].size_bytes += 1;
  },
  'a pack that is the manifest itself': (manifest) => {
    manifest.shards[0].artifact_id = 'model';
    manifest.shards[0].version = 'v1';
  },
  'a pack in another bucket, by its name': (manifest) => {
    manifest.shards[0].artifact_id = '../../other/artifact';
  },
  'a version with a query in it': (manifest) => {
    manifest.shards[0].version = 'x?digest=1';
  },
};

test.each(Object.entries(CONTRADICTIONS))(
  '%s is refused before anything is written',
  async (_what, change) => {
    expect(await caught(attack(change))).toEqual(code('invalid_manifest'));
    expect(everything()).toEqual({});
  },
);

describe('lies that only the bytes tell', () => {
  test('a chunk with another digest: no file gets its name', async () => {
    const error = await caught(
      attack((manifest) => {
        manifest.chunks[0].digest = sha256(Buffer.from('else'));
      }),
    );
    expect(error).toEqual(code('digest_mismatch'));
    expect(error).toMatchObject({
      message: expect.stringContaining('"a/one"'),
      details: { artifactId: 'model.packs', offset: 0, length: 5000, paths: ['a/one'] },
    });
    expect(Object.keys(treeIn(room.at('inside/target')))).not.toContain('a/one');
  });

  test('a file with another digest: it does not get its name, and nothing of it stays', async () => {
    const error = await caught(
      attack((manifest) => {
        manifest.files[0].digest = sha256(Buffer.from('else'));
      }),
    );
    expect(error).toMatchObject({ code: 'digest_mismatch', details: { path: 'a/one' } });
    const { two: _two, ...rest } = treeIn(room.at('inside/target'));
    expect(Object.keys(rest).filter((path) => !path.endsWith('/'))).toEqual([]);
  });

  test('a pack that is longer than Bucket has it', async () => {
    const error = await caught(
      attack((manifest) => {
        manifest.shards[0].size_bytes += 5000;
        manifest.chunks[0].offset = 10_000;
      }),
    );
    expect(error).toMatchObject({ code: 'range_not_satisfiable' });
  });

  test.each(['verify', 'heal'] as const)(
    'a pack of 8 PiB costs %s no more than a few requests',
    async (what) => {
      await room.publish(room.write('source', { a: bytesOf('a', 1000), b: 'b' }));
      const manifest = room.manifest();
      manifest.shards[0].size_bytes = Number.MAX_SAFE_INTEGER;
      const place = { artifactId: 'model', version: 'hostile' };
      await room.storeJson(manifest, 'hostile');
      const { gets } = room.transport.counts;
      const calls = {
        verify: () => room.verify({ place }),
        heal: () => room.heal(room.at('source'), { place }),
      };
      const { problems } = await calls[what]();
      expect(problems).toMatchObject([{ code: 'range_not_satisfiable', paths: ['a', 'b'] }]);
      expect(room.transport.counts.gets - gets).toBeLessThan(10);
      expect(room.transport.counts.puts).toBe(3);
    },
  );

  test('a pack that Bucket does not have', async () => {
    const error = await caught(
      attack((manifest) => {
        const digest = sha256(Buffer.from('nowhere'));
        Object.assign(manifest.shards[0], {
          digest,
          version: digest.replace(':', '-'),
          name: digest.replace(':', '-'),
        });
      }),
    );
    expect(error).toMatchObject({ code: 'artifact_not_found' });
  });

  test('a manifest that is another one than its reference says', async () => {
    await room.publish(room.write('source', { a: 'a' }));
    const fetching = room.fetch(room.at('target'), { digest: sha256(Buffer.from('else')) });
    await expect(fetching).rejects.toMatchObject({ code: 'digest_precondition_failed' });
    room.transport.tamper = (bytes) => Buffer.concat([bytes, Buffer.from(' ')]);
    await expect(room.fetch(room.at('target'), { digest: sha256(room.stored()) })).rejects.toEqual(
      code('digest_mismatch'),
    );
    expect(everything()).toEqual({});
  });

  test('a manifest of more than 64 MiB is not even read', async () => {
    await room.store(Buffer.alloc(64 * 1024 * 1024 + 1, ' '));
    await expect(room.fetch(room.at('target'))).rejects.toEqual(code('manifest_too_large'));
    expect(room.transport.counts.bytesDown).toBe(0);
  });

  test('a line that gives other ranges than were asked for', async () => {
    await room.publish(room.write('source', { a: bytesOf('a', 1000) }));
    room.transport.tamper = (bytes, { artifactId }) => (artifactId === 'model' ? bytes : bytes.subarray(1));
    await expect(room.fetch(room.at('target'))).rejects.toEqual(code('size_mismatch'));
  });

  test('a manifest of nothing but brackets', async () => {
    await room.store(Buffer.alloc(1024 * 1024, '['));
    await expect(room.fetch(room.at('target'))).rejects.toEqual(code('invalid_manifest'));
    expect(everything()).toEqual({});
  });

  test('what is no manifest, and what is not there', async () => {
    await room.store(bytesOf('weights', 1000));
    await expect(room.fetch(room.at('target'))).rejects.toEqual(code('invalid_manifest'));
    const fetching = room.fetch(room.at('target'), { place: { artifactId: 'model', version: 'v9' } });
    await expect(fetching).rejects.toEqual(code('manifest_not_found'));
  });
});

describe('the target', () => {
  beforeEach(async () => {
    await room.publish(room.write('source', { 'a/b/one': 'one', two: 'two', 'c/': '' }));
    mkdirSync(room.at('outside'));
    mkdirSync(room.at('target'));
  });

  test.each(['a', 'a/b', 'c', '.bhiv-fetch'])('with a symbolic link at %s is refused', async (path) => {
    if (path.includes('/')) mkdirSync(room.at('target/a'));
    symlinkSync(room.at('outside'), join(room.at('target'), path));
    await expect(room.fetch(room.at('target'))).rejects.toEqual(code('target_conflict'));
    expect(readdirSync(room.at('outside'))).toEqual([]);
  });

  test('with a symbolic link where a file goes gets the file, and what it leads to is left alone', async () => {
    writeFileSync(room.at('outside/mine'), 'mine');
    symlinkSync(room.at('outside/mine'), room.at('target/two'));
    await room.fetch(room.at('target'));
    expect(lstatSync(room.at('target/two')).isFile()).toBe(true);
    expect(readFileSync(room.at('outside/mine'), 'utf8')).toBe('mine');
  });

  test('with a symbolic link that comes while it is fetched into is refused', async () => {
    room.transport.tamper = (bytes, { artifactId }) => {
      if (artifactId === 'model.packs') {
        // The folder was made by now: it is moved away, and a link put into its place.
        room.transport.tamper = (bytes) => bytes;
        symlinkSync(room.at('outside'), room.at('target/link'));
        renameSync(room.at('target/a'), room.at('target/moved'));
        renameSync(room.at('target/link'), room.at('target/a'));
      }
      return bytes;
    };
    await expect(room.fetch(room.at('target'))).rejects.toEqual(code('target_conflict'));
    expect(readdirSync(room.at('outside'))).toEqual([]);
  });

  test('with a file where a folder goes, or the other way round, is refused and left as it was', async () => {
    writeFileSync(room.at('target/a'), 'mine');
    await expect(room.fetch(room.at('target'))).rejects.toEqual(code('target_conflict'));
    await expect(room.fetch(room.at('target/a'))).rejects.toEqual(code('target_conflict'));
    await expect(room.fetch(room.at('target/a/below'))).rejects.toEqual(code('target_conflict'));
    expect(treeIn(room.at('target'))).toEqual({ a: sha256(Buffer.from('mine')) });
    mkdirSync(room.at('other/two/in it'), { recursive: true });
    await expect(room.fetch(room.at('other'))).rejects.toEqual(code('target_conflict'));
  });

  test('may itself be a symbolic link: its caller named it', async () => {
    symlinkSync(room.at('outside'), room.at('link'));
    await room.fetch(room.at('link'));
    expect(treeIn(room.at('outside'))).toEqual(treeIn(room.at('source')));
  });

  test('without room is told how much there is', () => {
    const target = Target.open(room.at('target'));
    expect(() => target.assertRoom(2 ** 60)).toThrow(code('target_full'));
    expect(() => target.assertRoom(1)).not.toThrow();
  });

  test('on a disk that takes two names for one is told which, and nothing stays there', () => {
    const target = Target.open(room.at('target'));
    const pairs = [{ folder: 'a', names: ['README', 'readme'] as const }];
    expect(() => target.assertApart(pairs, () => true)).toThrow('"README" and "readme" in "a" are one name');
    expect(() => target.assertApart(pairs, () => true)).toThrow(code('name_collision'));
    expect(() => target.assertApart(pairs)).not.toThrow(); // the disk of the tests tells them apart
    expect(readdirSync(room.at('target'))).toEqual([]);
  });
});

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
}
