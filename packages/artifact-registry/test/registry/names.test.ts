import { check } from '@bhiv/contracts/validators';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  actorOf,
  aliasOf,
  artifactNameOf,
  countOf,
  digestOf,
  logicalIdOf,
  movableAliasOf,
  oneOf,
  prefixOf,
  tagsOf,
  timestampOf,
  versionOf,
} from '../../src/registry/names.ts';

function isTaken(rule: (field: string, value: unknown) => unknown, value: unknown): boolean {
  try {
    rule('field', value);
    return true;
  } catch {
    return false;
  }
}

const AWKWARD = [
  '',
  '.',
  '..',
  '...',
  'a',
  'A-_.9',
  'a b',
  ' a',
  'a ',
  'a\n',
  '\na',
  'a/b',
  'a\\b',
  'a:b',
  'a@b',
];
AWKWARD.push(
  'a*',
  'a?',
  'a"',
  'a<b',
  'a>b',
  'a|b',
  'é',
  '😀',
  '\u0000',
  '\u007f',
  'a\u2028',
  'latest',
  '#',
  '~}',
);
AWKWARD.push(...[100, 101, 255, 256, 500, 501].map((length) => 'x'.repeat(length)));
AWKWARD.push('2026-01-29T10:30:00Z', '2026-01-29T10:30:00.123+05:30', '2026-13-29T10:30:00Z', '2026-01-29');
AWKWARD.push(
  `sha256:${'aB'.repeat(32)}`,
  `SHA256:${'ab'.repeat(32)}`,
  `sha256:${'ab'.repeat(31)}`,
  `${'ab'.repeat(32)}`,
);
AWKWARD.push(`sha256:${'ab'.repeat(32)}\n`, `sha256:${'ag'.repeat(32)}`, `sha256:${'ab'.repeat(33)}`);

const RULES = [
  ['artifact-name', artifactNameOf],
  ['artifact-name', logicalIdOf],
  ['artifact-version', versionOf],
  ['digest', digestOf],
  ['timestamp', timestampOf],
] as const;

describe.each(RULES)('the rule of the schema %s', (schema, rule) => {
  test('takes exactly what the contract takes', () => {
    for (const value of AWKWARD)
      expect([value, isTaken(rule, value)]).toEqual([value, check(schema, value).length === 0]);
    const text = fc.oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), fc.string({ maxLength: 4 }));
    fc.assert(fc.property(text, (value) => isTaken(rule, value) === (check(schema, value).length === 0)));
  });
});

test('an actor is what the contract takes, and one who can be named', () => {
  const refused = ['unknown', 'System', ' a', 'a ', 'x\ud83d'];
  for (const value of [...AWKWARD, ...refused]) {
    const isFine = check('actor', value).length === 0 && !refused.includes(value) && value.trim() === value;
    expect([value, isTaken(actorOf, value)]).toEqual([value, isFine]);
  }
  expect(() => actorOf('by', 'UNKNOWN')).toThrow(
    'by is "UNKNOWN" but must name somebody, for example "trainer-7".',
  );
  expect(() => actorOf('by', undefined)).toThrow('by is missing: add it, for example "trainer-7".');
});

test('a digest is taken in either case and kept in lower case', () => {
  expect(digestOf('digest', `sha256:${'aB'.repeat(32)}`)).toBe(`sha256:${'ab'.repeat(32)}`);
});

test('an alias has neither : nor @ nor /, and latest cannot be moved', () => {
  const taken = AWKWARD.filter((value) => isTaken(aliasOf, value));
  expect(taken).toEqual(['...', 'a', 'A-_.9', 'latest', 'x'.repeat(100), '2026-01-29', 'ab'.repeat(32)]);
  for (const latest of ['latest', 'Latest', 'LATEST']) {
    const reserved = {
      code: 'alias_reserved',
      found: latest,
      message: expect.stringContaining('only registering moves it'),
    };
    expect(() => movableAliasOf('alias', latest)).toThrow(expect.objectContaining(reserved));
  }
  expect(movableAliasOf('alias', 'latest-2')).toBe('latest-2');
});

test('a prefix is what a logical id may begin with', () => {
  for (const prefix of ['.', '..', 'a', 'A-_.']) expect(prefixOf('prefix', prefix)).toBe(prefix);
  for (const prefix of ['', 'a:', 'é', 'x'.repeat(256)]) expect(isTaken(prefixOf, prefix)).toBe(false);
});

test('tags are words, and none comes twice', () => {
  expect(tagsOf('tags', ['b', 'task=code', 'b', 'team:nlp/eu@2+'])).toEqual([
    'b',
    'task=code',
    'team:nlp/eu@2+',
  ]);
  const message =
    'tags[1] is "a b" but must be 1 to 100 of A-Z a-z 0-9 - _ . : / = + @: send one that is, for example "task=code".';
  expect(() => tagsOf('tags', ['a', 'a b'])).toThrow(message);
  expect(() => tagsOf('tags', 'a')).toThrow('tags is "a" but must be an array of tags.');
});

test('numbers and words are held to their bounds', () => {
  expect(countOf('n', 5, { from: 5, to: 5 })).toBe(5);
  for (const bad of [4, 6, 5.5, '5', null, Number.NaN]) {
    expect(() => countOf('n', bad, { from: 5, to: 5 })).toThrow('must be a whole number from 5 to 5');
  }
  expect(oneOf('kind', 'a', ['a', 'b'])).toBe('a');
  expect(() => oneOf('kind', 'c', ['a', 'b'])).toThrow('kind is "c" but must be one of "a", "b".');
});

test('an error says which field, which value and how to mend it', () => {
  expect(() => logicalIdOf('logicalId', 'a:b')).toThrow(
    expect.objectContaining({
      name: 'RegistryError',
      code: 'invalid_name',
      found: 'a:b',
      details: { field: 'logicalId' },
      message:
        'logicalId is "a:b" but must be 1 to 255 of A-Z a-z 0-9 - _ . and neither . nor .. alone: send one that is, for example "llama-3-8b".',
    }),
  );
  for (const value of [7, {}, [], () => 1, Symbol('s'), 1n, true]) {
    expect(() => versionOf('version', value)).toThrow(expect.objectContaining({ code: 'invalid_name' }));
  }
  expect(() => versionOf('version', 'x'.repeat(5000))).toThrow(`version is "${'x'.repeat(100)}…" but`);
});
