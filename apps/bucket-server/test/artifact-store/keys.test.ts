import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blobKey, isRefPrefix, parseKey, refKey, refPrefix } from '../../src/artifact-store/keys.ts';

const TRICKS = [
  '..',
  '.',
  '',
  '%2e%2e',
  '%2f',
  '\0',
  '/',
  '\\',
  'a'.repeat(4096),
  'ａ',
  '‥',
  '．．',
  'a/../../b',
  ' a',
  'a ',
];

describe('keys', () => {
  test('are parsed to what they were made of', () => {
    const sha256 = 'ab'.repeat(32);
    expect(parseKey(blobKey(sha256))).toEqual({ kind: 'blob', sha256 });
    const ref = { bucketId: 'b', artifactId: '...', version: '1.json' };
    expect(parseKey(refKey(ref))).toEqual({ kind: 'ref', ref });
    expect(isRefPrefix(refPrefix('b', 'a'))).toBe(true);
  });

  test('whatever the names are, a key that counts as one stays in its folder', () => {
    const name = fc.oneof(fc.constantFrom(...TRICKS), fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(name, name, name, (bucketId, artifactId, version) => {
        const key = refKey({ bucketId, artifactId, version });
        if (parseKey(key) === null) return;
        const root = '/data/artifacts';
        expect(resolve(join(root, key))).toBe(`${root}/refs/${bucketId}/${artifactId}/${version}.json`);
        expect(parseKey(key)).toEqual({ kind: 'ref', ref: { bucketId, artifactId, version } });
      }),
      { numRuns: 20_000 },
    );
  });

  test('every trick is refused in every place', () => {
    for (const trick of TRICKS) {
      expect(parseKey(refKey({ bucketId: trick, artifactId: 'a', version: '1' }))).toBe(null);
      expect(parseKey(refKey({ bucketId: 'b', artifactId: trick, version: '1' }))).toBe(null);
      expect(isRefPrefix(refPrefix(trick, 'a'))).toBe(false);
      expect(isRefPrefix(refPrefix('b', trick))).toBe(false);
      expect(parseKey(`blobs/sha256/${trick}/${'a'.repeat(64)}`)).toBe(null);
      expect(parseKey(`blobs/sha256/aa/${trick}`)).toBe(null);
    }
    const badVersions = TRICKS.filter((trick) => !trick.startsWith('%2'));
    for (const version of badVersions)
      expect(parseKey(refKey({ bucketId: 'b', artifactId: 'a', version }))).toBe(null);
  });
});
