import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatReference, parseReference } from '../../src/registry/reference.ts';
import type { VersionKey } from '../../src/stores/registry-store.ts';

const HEX = 'ab'.repeat(32);

describe('a reference', () => {
  test.each<[string, VersionKey]>([
    ['llama:production', { logicalId: 'llama', alias: 'production' }],
    ['llama:latest', { logicalId: 'llama', alias: 'latest' }],
    ['llama@v3.1.0', { logicalId: 'llama', version: 'v3.1.0' }],
    ['llama@latest', { logicalId: 'llama', version: 'latest' }],
    ['llama@a@b c', { logicalId: 'llama', version: 'a@b c' }],
    [`llama@${HEX}`, { logicalId: 'llama', version: HEX }],
    [`llama@sha256:${HEX}`, { logicalId: 'llama', digest: `sha256:${HEX}` }],
    [`llama@sha256:${HEX.toUpperCase()}`, { logicalId: 'llama', digest: `sha256:${HEX}` }],
    [`llama@sha256-${HEX.slice(0, 12)}`, { logicalId: 'llama', version: `sha256-${HEX.slice(0, 12)}` }],
  ])('%s has one reading', (reference, key) => {
    expect(parseReference(reference)).toEqual(key);
  });

  test.each<[unknown, string, string]>([
    [
      'llama',
      'invalid_reference',
      'write "name:alias", "name@version" or "name@sha256:…", for example "llama:latest"',
    ],
    ['', 'invalid_reference', 'for example "llama-3-8b:latest"'],
    [undefined, 'invalid_reference', 'The reference undefined does not say which version'],
    [{ logicalId: 'a' }, 'invalid_reference', 'The reference an object'],
    [':production', 'invalid_name', 'The name of the reference ":production" is empty'],
    ['org/llama:x', 'invalid_name', 'The name of the reference "org/llama:x" is "org/llama"'],
    ['llama:', 'invalid_name', 'The alias of the reference "llama:" is empty'],
    ['llama:a:b', 'invalid_name', 'The alias of the reference "llama:a:b" is "a:b"'],
    ['llama:a@b', 'invalid_name', 'is "a@b"'],
    ['llama@', 'invalid_name', 'The version of the reference "llama@" is empty'],
    ['llama@a:b', 'invalid_name', 'is "a:b"'],
    ['llama@a\nb', 'invalid_name', 'The version of the reference'],
    [
      'llama@sha256:abc',
      'invalid_argument',
      'The digest of the reference "llama@sha256:abc" is "sha256:abc"',
    ],
    [`llama@sha256:${HEX}\n`, 'invalid_argument', 'must be sha256: and 64 hex digits'],
    [`llama@SHA256:${HEX}`, 'invalid_name', 'The version of the reference'],
  ])('%p is refused', (reference, code, words) => {
    const expected = { name: 'RegistryError', code, message: expect.stringContaining(words) };
    expect(() => parseReference(reference)).toThrow(expect.objectContaining(expected));
  });

  test('what is written is read again', () => {
    const logicalId = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
    const key = fc.oneof(
      fc.record({ logicalId, alias: fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/) }),
      fc.record({ logicalId, version: fc.stringMatching(/^[!#$%&+,;=@[\]^`{}~A-Za-z0-9_-]{1,20}$/) }),
      fc.record({ logicalId, digest: fc.stringMatching(/^sha256:[0-9a-f]{64}$/) }),
    );
    fc.assert(fc.property(key, (given) => expect(parseReference(formatReference(given))).toEqual(given)));
  });

  test('whatever it is given, it answers or refuses with its own error', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          parseReference(value);
        } catch (error) {
          expect(error).toMatchObject({ name: 'RegistryError' });
        }
      }),
    );
  });
});

test('a whole record is named by its version', () => {
  const record = { logicalId: 'llama', version: 'v1', digest: `sha256:${HEX}` };
  expect(formatReference(record)).toBe('llama@v1');
});
