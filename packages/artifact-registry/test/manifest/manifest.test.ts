import { createRequire } from 'node:module';
import { checkManifest, checkShardList } from '@bhiv/contracts/validators';
import { describe, expect, test } from '@jest/globals';
import { parseManifest } from '../../src/manifest/parse-manifest.ts';
import { faultOfPath, pathsOf } from '../../src/manifest/paths.ts';
import { MAX_MANIFEST_BYTES, packVersion, type Tree } from '../../src/manifest/tree.ts';
import { writeManifest } from '../../src/manifest/write-manifest.ts';
import { sha256 } from '../helpers/transfers.ts';

const PLACE = { artifactId: 'model', version: 'v1' };
const digest = sha256(Buffer.from('pack'));
const other = sha256(Buffer.from('other pack'));

const TREE: Tree = {
  packs: [
    { artifactId: 'model.packs', version: packVersion(digest), digest, size: 1000 },
    { artifactId: 'model.packs', version: packVersion(other), digest: other, size: 500 },
  ],
  chunks: [
    { digest: sha256(Buffer.from('a')), pack: 0, offset: 0, length: 400 },
    { digest: sha256(Buffer.from('b')), pack: 1, offset: 100, length: 400 },
  ],
  files: [
    { path: 'a/ü.bin', size: 1200, digest: sha256(Buffer.from('file')), chunks: [0, 1, 0], executable: true },
    { path: 'empty', size: 0, digest: sha256(Buffer.alloc(0)), chunks: [], executable: false },
  ],
  folders: ['logs'],
};

type Json = ReturnType<typeof JSON.parse>;
const VALID: Json = JSON.parse(Buffer.from(writeManifest(TREE)).toString());

function parse(value: unknown) {
  return parseManifest(Buffer.from(JSON.stringify(value)), PLACE);
}

/** The valid manifest with one thing changed. */
function changed(change: (manifest: Json) => void): Json {
  const copy = structuredClone(VALID);
  change(copy);
  return copy;
}

test('what is written is read, is what the contract says, and is the same each time', () => {
  const bytes = writeManifest(TREE);
  expect(parseManifest(bytes, PLACE)).toEqual({ kind: 'tree', tree: TREE });
  expect(checkManifest(VALID)).toEqual([]);
  expect(checkShardList(VALID)).toEqual([]);
  expect(Buffer.from(writeManifest(structuredClone(TREE))).equals(bytes)).toBe(true);
});

test('the manifest of a GiB has a fraction of a per mille of it', () => {
  const chunks = Array.from({ length: 1024 }, (_, index) => ({
    digest: sha256(Buffer.from(String(index))),
    pack: 0,
    offset: index * 1_048_576,
    length: 1_048_576,
  }));
  const numbers = chunks.map((_, index) => index);
  const file = { path: 'x', size: 2 ** 30, digest, chunks: numbers, executable: false };
  const size = writeManifest({ ...TREE, chunks, files: [file] }).byteLength;
  expect(size).toBeLessThan(150_000);
});

test('a manifest of more than 64 MiB is not written', () => {
  const name = 'x'.repeat(4000);
  const file = { size: 0, digest, chunks: [], executable: false };
  const files = Array.from({ length: 17_000 }, (_, index) => ({ ...file, path: `${name}${index}` }));
  expect(() => writeManifest({ ...TREE, files })).toThrow(
    expect.objectContaining({ code: 'manifest_too_large' }),
  );
});

describe('a manifest is refused', () => {
  const CONTRADICTIONS: Record<string, [Json, string]> = {
    'not JSON': ['', 'invalid_manifest'],
    'an array': [[], 'invalid_manifest'],
    null: [null, 'invalid_manifest'],
    'nothing but a version': [{ manifest_version: 1 }, 'invalid_manifest'],
    'a newer version': [changed((m) => Object.assign(m, { manifest_version: 2 })), 'unsupported_manifest'],
    'a version in words': [changed((m) => Object.assign(m, { manifest_version: 'one' })), 'invalid_manifest'],
    'a pack with another name': [
      changed((m) => Object.assign(m.shards[0], { name: packVersion(other) })),
      'invalid_manifest',
    ],
    'a pack that is not named by its digest': [
      changed((m) => Object.assign(m.shards[0], { digest: other })),
      'invalid_manifest',
    ],
    'a pack twice': [changed((m) => m.shards.push(m.shards[0])), 'invalid_manifest'],
    'a chunk in a pack that there is not': [
      changed((m) => Object.assign(m.chunks[0], { shard: 2 })),
      'invalid_manifest',
    ],
    'a chunk beyond its pack': [
      changed((m) => Object.assign(m.chunks[0], { offset: 601 })),
      'invalid_manifest',
    ],
    'a chunk whose end is beyond any number': [
      changed((m) => Object.assign(m.chunks[0], { offset: Number.MAX_SAFE_INTEGER })),
      'invalid_manifest',
    ],
    'a chunk of over 32 MiB': [
      changed((m) => Object.assign(m.chunks[0], { length: 2 ** 25 + 1 })),
      'invalid_manifest',
    ],
    'a file with a chunk that there is not': [
      changed((m) => Object.assign(m.files[0], { chunks: [2] })),
      'invalid_manifest',
    ],
    'a file that is longer than its chunks': [
      changed((m) => Object.assign(m.files[0], { size_bytes: 1201 })),
      'invalid_manifest',
    ],
    'files that are longer than any number': [
      changed((m) => {
        Object.assign(m.shards[0], { size_bytes: Number.MAX_SAFE_INTEGER });
        m.files = Array.from({ length: 3 }, (_, index) => ({
          ...m.files[1],
          path: `${index}`,
          size_bytes: 2 ** 53 - 1,
        }));
      }),
      'invalid_manifest',
    ],
    'a path upwards': [changed((m) => Object.assign(m.files[0], { path: '../x' })), 'unsafe_path'],
    'an absolute path': [changed((m) => Object.assign(m.files[0], { path: '/x' })), 'unsafe_path'],
    'a folder upwards': [changed((m) => m.folders.push('a/../..')), 'unsafe_path'],
    'a path of over 4096 characters': [
      changed((m) => Object.assign(m.files[0], { path: `${'x/'.repeat(2048)}x` })),
      'unsafe_path',
    ],
    'a path that is a number': [changed((m) => Object.assign(m.files[0], { path: 5 })), 'invalid_manifest'],
    'a list of shards without digests': [{ shards: [{ name: 'a' }] }, 'invalid_manifest'],
    'a list with a path upwards': [{ shards: [{ name: '../a', digest }] }, 'unsafe_path'],
    'a list with a name that is no artifact_id': [{ shards: [{ name: 'a b', digest }] }, 'invalid_manifest'],
    'a list that has itself as a shard': [{ shards: [{ name: 'model', digest }] }, 'invalid_manifest'],
  };

  test.each(Object.entries(CONTRADICTIONS))('with %s', (_what, [value, code]) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ name: 'TransferError', code }));
  });

  test('that has itself as a pack', () => {
    const self = { artifactId: 'model.packs', version: packVersion(digest) };
    expect(() => parseManifest(Buffer.from(JSON.stringify(VALID)), self)).toThrow('is the manifest itself');
  });

  test('of more than 64 MiB, without a look into it', () => {
    expect(() => parseManifest(new Uint8Array(MAX_MANIFEST_BYTES + 1), PLACE)).toThrow(
      expect.objectContaining({ code: 'manifest_too_large' }),
    );
  });

  test('that is not UTF-8', () => {
    expect(() => parseManifest(Buffer.from([0x22, 0xff, 0x22]), PLACE)).toThrow(
      expect.objectContaining({ code: 'invalid_manifest' }),
    );
  });
});

test('a list of shards by another tool is read', () => {
  const shards = [
    { name: 'part-1.bin', digest: digest.toUpperCase().replace('SHA256', 'sha256') },
    { name: 'weights/part 2.bin', digest, artifact_id: 'part-2', version: 'v7', size_bytes: 5, index: 2 },
  ];
  expect(parse({ shards, tool: 'other' })).toEqual({
    kind: 'list',
    files: [
      { path: 'part-1.bin', artifactId: 'part-1.bin', version: 'v1', digest, size: undefined },
      { path: 'weights/part 2.bin', artifactId: 'part-2', version: 'v7', digest, size: 5 },
    ],
  });
});

describe('paths', () => {
  const files = (...paths: string[]) => paths.map((path) => ({ path }));

  test('give the folders, each behind the one that it lies in', () => {
    expect(pathsOf(files('b/c/d', 'a', 'b/e'), ['b/f/g', 'h', 'b']).folders()).toEqual([
      'b',
      'b/c',
      'b/f',
      'b/f/g',
      'h',
    ]);
  });

  test.each([
    ['twice', files('a/b', 'a/b'), []],
    ['as a file and as the folder of another, in this order', files('a', 'a/b'), []],
    ['as a file and as the folder of another, in the other order', files('a/b', 'a'), []],
    ['as a file and as an empty folder', files('a'), ['a']],
    ['as a file and as the folder of an empty folder', files('a'), ['a/b']],
    ['in the folder of unfinished files', files('.bhiv-fetch/x'), []],
    ['in the folder of unfinished files, in other letters', files('.BHIV-Fetch/x'), []],
    ['with more names than any folder is deep', files(`${'x/'.repeat(128)}x`), []],
    ['with a name that no file system takes', files('ü'.repeat(128)), []],
  ])('that stand there %s are refused', (_what, those, folders) => {
    expect(() => pathsOf(those, folders)).toThrow(expect.objectContaining({ code: 'unsafe_path' }));
  });

  test('that some file systems mix up are remembered, with the folder that they lie in', () => {
    const { alike } = pathsOf(files('README', 'readme', 'a/é', 'a/e\u0301', 'a/x', 'A/x', 'b/x'));
    expect(alike).toEqual([
      { folder: '', names: ['README', 'readme'] },
      { folder: 'a', names: ['é', 'e\u0301'] },
      { folder: '', names: ['a', 'A'] },
    ]);
  });

  test.each(['C:x', 'a/con', 'NUL.txt', 'a./b', 'a /b', 'what?', 'a<b', 'COM¹'])(
    '%s is refused on Windows alone',
    (path) => {
      expect(faultOfPath(path, 'win32')).toContain('which Windows does not take');
      expect(faultOfPath(path, 'linux')).toBeUndefined();
    },
  );

  test('that Windows takes are taken there', () => {
    for (const path of ['a/b.c', '.cache', 'console', 'प्रशिक्षण'])
      expect(faultOfPath(path, 'win32')).toBeUndefined();
  });
});

test('the examples of the contract can be used', () => {
  const { examples } = createRequire(import.meta.url)('@bhiv/contracts/schemas/manifest-v1/manifest.json');
  for (const example of examples) expect(() => parse(example)).not.toThrow();
});
