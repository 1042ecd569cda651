import {
  check,
  checkActor,
  checkArtifactName,
  checkArtifactVersion,
  checkDigest,
  type Problem,
} from '@bhiv/contracts/validators';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkUpload } from '../../src/artifacts/check-upload.ts';
import { actorOf, digestOf, nameOf, timestampOf, versionOf } from '../../src/artifacts/rules.ts';
import { ArtifactError } from '../../src/index.ts';
import { bucket, client } from '../support.ts';
import { failureOf, UPLOAD } from './support.ts';

const passes = (rule: (field: string, value: unknown) => string, value: unknown): boolean => {
  try {
    rule('field', value);
    return true;
  } catch (error) {
    if (error instanceof ArtifactError) return false;
    throw error;
  }
};

describe('the rules are those of the contract', () => {
  const RULES: Array<
    [string, (field: string, value: unknown) => string, (value: unknown) => Problem[], string]
  > = [
    ['names', nameOf, checkArtifactName, 'A-Za-z0-9_.-/\\ é\n\u0000'],
    ['versions', versionOf, checkArtifactVersion, 'v1 .:/*?"<>|\\~!\n\u007fé'],
    ['digests', digestOf, checkDigest, 'sha256:0123456789abcdefABCDEFg\n'],
    ['timestamps', timestampOf, (value) => check('timestamp', value), '2026-01-29T10:30:00.5Z+\n'],
  ];

  test.each(RULES)('%s, whatever is given', (_name, rule, contract, alphabet) => {
    const near = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 300 });
    const examples = [
      '.',
      '..',
      '...',
      ' a',
      'a ',
      'a'.repeat(100),
      'a'.repeat(101),
      'a'.repeat(255),
      'a'.repeat(256),
    ];
    const others = [
      'v1\n',
      `sha256:${'0'.repeat(64)}`,
      `sha256:${'F'.repeat(64)}`,
      `sha256:${'0'.repeat(63)}`,
    ];
    const times = [
      '2026-01-29T10:30:00Z',
      '2026-01-29T10:30:00',
      '2026-13-29T10:30:00Z',
      '2026-01-29T10:30:60+05:30',
    ];
    for (const value of [...examples, ...others, ...times]) {
      expect([value, passes(rule, value)]).toEqual([value, contract(value).length === 0]);
    }
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' }), fc.anything()), (value) => {
        expect(passes(rule, value)).toBe(contract(value).length === 0);
      }),
      { numRuns: 2000 },
    );
  });

  test('actors too, but for what HTTP cannot carry: spaces at an end, halves of surrogate pairs', () => {
    const value = fc.oneof(fc.string({ unit: 'binary', maxLength: 520 }), fc.anything());
    fc.assert(
      fc.property(value, (actor) => {
        const carried =
          typeof actor !== 'string' || (!/^ | $/.test(actor) && Buffer.from(actor).toString() === actor);
        expect(passes(actorOf, actor)).toBe(checkActor(actor).length === 0 && carried);
      }),
      { numRuns: 2000 },
    );
    for (const actor of [' a', 'a ', '\ud800', '😀'.repeat(501)]) expect(passes(actorOf, actor)).toBe(false);
    for (const actor of ['é', '😀'.repeat(500), 'a b']) expect(passes(actorOf, actor)).toBe(true);
  });
});

describe('an upload is refused before anything is sent', () => {
  const now = Date.parse('2026-01-29T10:30:00.000Z');
  const EXAMPLES: Array<[string, object, string, RegExp]> = [
    [
      'a field is missing',
      { version: undefined },
      'invalid_argument',
      /^version is missing from the upload: add it\.$/,
    ],
    [
      'two are',
      { uploadedBy: null, version: undefined },
      'invalid_argument',
      /^version, uploadedBy are missing .* add them\.$/,
    ],
    ['one is empty', { artifactId: '' }, 'invalid_name', /^artifactId is empty: add it, for example "llama/],
    [
      'a name has a slash',
      { bucketId: 'a/b' },
      'invalid_name',
      /^bucketId is "a\/b" but must be 1 to 255 of A-Z/,
    ],
    [
      'a version has a colon',
      { version: 'v:1' },
      'invalid_name',
      /^version is "v:1" but must be 1 to 100 printable/,
    ],
    ['a name is a number', { artifactId: 7 }, 'invalid_name', /^artifactId is 7 but must/],
    [
      'nobody uploads',
      { uploadedBy: 'Unknown' },
      'invalid_argument',
      /^uploadedBy is "Unknown" but must say who/,
    ],
    [
      'nothing made it',
      { provenanceSource: 'SYSTEM' },
      'invalid_argument',
      /^provenanceSource is "SYSTEM" but/,
    ],
    ['an actor has a line break', { uploadedBy: 'a\nb' }, 'invalid_argument', /^uploadedBy is "a\\nb" but/],
    [
      'createdAt is a Date',
      { createdAt: new Date() },
      'invalid_argument',
      /^createdAt is an object but must be a time/,
    ],
    ['createdAt is words', { createdAt: 'yesterday' }, 'invalid_argument', /^createdAt is "yesterday" but/],
    [
      'createdAt is ahead',
      { createdAt: '2026-01-29T10:35:00.001Z' },
      'invalid_argument',
      /5 minutes ahead.*10:30:00/,
    ],
    [
      'it is ahead in its zone',
      { createdAt: '2026-01-29T16:05:01+0530' },
      'invalid_argument',
      /5 minutes ahead/,
    ],
    [
      'the digest is short',
      { digest: 'sha256:12' },
      'invalid_argument',
      /^digest is "sha256:12" but must be sha256:/,
    ],
    ['the size is negative', { size: -1 }, 'invalid_argument', /^size is -1 but must be a number of bytes/],
    ['the size is text', { size: '7' }, 'invalid_argument', /^size is "7" but/],
  ];

  test.each(EXAMPLES)('%s', (_name, fields, code, message) => {
    let thrown: unknown;
    try {
      checkUpload({ ...UPLOAD, ...fields }, now);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'ArtifactError', code, message: expect.stringMatching(message) });
  });

  test.each<[unknown]>([[undefined], [null], ['llama'], [[]], [() => UPLOAD]])('it is %p', async (upload) => {
    const { url } = await bucket();
    const error = await failureOf(client({ url }).uploadArtifact(upload as never, Buffer.from('x')));
    expect(error).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('must be an object'),
    });
  });

  test('it cannot be read', async () => {
    const server = await bucket();
    const throwing = {
      get bucketId(): string {
        throw new Error('no');
      },
    };
    const error = await failureOf(
      client({ url: server.url }).uploadArtifact(throwing as never, Buffer.from('x')),
    );
    expect(error.message).toContain('an object that cannot be read');
    expect(server.requests).toBe(0);
  });

  test('what is within the rules passes: 5 minutes ahead, a leap second, a time without a zone, upper case', () => {
    const times = [
      '2026-01-29T10:35:00.000Z',
      '2016-12-31T23:59:60Z',
      '2026-01-01T00:00:00',
      '2026-01-29T16:05:00+05:30',
    ];
    for (const createdAt of times)
      expect(checkUpload({ ...UPLOAD, createdAt }, now).createdAt).toBe(createdAt);
    const digest = `sha256:${'AB'.repeat(32)}`;
    expect(checkUpload({ ...UPLOAD, digest, size: 0, createdAt: null }, now)).toMatchObject({
      digest: digest.toLowerCase(),
      size: 0,
      createdAt: undefined,
    });
  });
});

describe('options that make no sense are named', () => {
  const OPTIONS: Array<[object | string, RegExp]> = [
    ['fast', /^options is "fast" but must be an object/],
    [{ signal: 'now' }, /^signal is "now" but must be an AbortSignal/],
    [{ signal: {} }, /^signal is an object but/],
    [{ idleTimeoutMs: 0 }, /^idleTimeoutMs is 0 but must be a whole number of ms/],
    [{ idleTimeoutMs: Number.POSITIVE_INFINITY }, /^idleTimeoutMs is Infinity but/],
    [{ onProgress: 'loud' }, /^onProgress is "loud" but must be a function/],
    [{ allowEmpty: 'yes' }, /^allowEmpty is "yes" but must be true or false/],
    [{ maxBytes: 1.5 }, /^maxBytes is 1.5 but must be a number of bytes/],
    [{ spool: '' }, /^spool is "" but must be true, false or the path of a folder/],
    [{ spool: 7 }, /^spool is 7 but/],
  ];

  test.each(OPTIONS)('upload %p', async (options, message) => {
    const { url } = await bucket();
    const error = await failureOf(client({ url }).uploadArtifact(UPLOAD, Buffer.from('x'), options as never));
    expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringMatching(message) });
  });

  test.each<[object, RegExp]>([
    [{ range: 7 }, /^range is 7 but must have a start/],
    [{ range: { start: 5, end: 5 } }, /^range is "\{start: 5, end: 5\}" but/],
    [{ range: { start: -1, end: 5 } }, /^range is/],
    [{ range: null }, /^range is/],
    [{ digest: 'abc' }, /^digest is "abc" but/],
    [{ into: 1024 }, /^into is 1024 but must be a Uint8Array/],
    [{ into: [0, 0] }, /^into is an array of 2 but/],
    [{ into: new ArrayBuffer(8) }, /^into is an object but/],
  ])('read %p', async (options, message) => {
    const { url } = await bucket();
    const error = await failureOf(client({ url }).readArtifact(UPLOAD, options as never));
    expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringMatching(message) });
  });

  test.each([[''], [7], [new URL('https://example.com/file')]])('a download to %p', async (path) => {
    const { url } = await bucket();
    const error = await failureOf(client({ url }).downloadArtifact(UPLOAD, path as never));
    expect(error).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('path of a file'),
    });
  });

  test('names of what is read', async () => {
    const server = await bucket();
    const it = client({ url: server.url });
    const bad = { ...UPLOAD, version: '../v1' };
    for (const error of await Promise.all(
      [it.headArtifact(bad), it.readArtifact(bad), it.downloadArtifact(bad, '/nowhere/x')].map(failureOf),
    )) {
      expect(error).toMatchObject({ code: 'invalid_name' });
    }
    expect(await failureOf(it.listVersions('..', 'a'))).toMatchObject({
      code: 'invalid_name',
      details: { field: 'bucketId' },
    });
    expect(await failureOf(it.headArtifact(undefined as never))).toMatchObject({ code: 'invalid_argument' });
    expect(server.requests).toBe(0);
  });
});
