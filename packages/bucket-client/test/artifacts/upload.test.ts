import { createReadStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ArtifactSource, TransferProgress, UploadOptions } from '../../src/index.ts';
import { bucket, client, until } from '../support.ts';
import { bytesOf, digestOf, failureOf, folder, openFiles, REF, UPLOAD } from './support.ts';

/** Over two pieces, and over the size from which on Bucket is asked first. */
const BYTES = bytesOf(700_001);
const METADATA = {
  bucket_id: REF.bucketId,
  artifact_id: REF.artifactId,
  version: REF.version,
  digest: digestOf(BYTES),
  size_bytes: BYTES.length,
  created_at: expect.any(String),
  uploaded_by: UPLOAD.uploadedBy,
  provenance_source: UPLOAD.provenanceSource,
};

function file(bytes: Uint8Array, name = 'model.bin'): string {
  const path = join(folder(), name);
  writeFileSync(path, bytes);
  return path;
}

async function* iterable(bytes: Uint8Array, pieceBytes = 100_000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceBytes)
    yield bytes.subarray(start, start + pieceBytes);
}

const KNOWN = { digest: digestOf(BYTES), size: BYTES.length };

describe('every kind of source arrives as it is', () => {
  const SOURCES: Array<[string, () => ArtifactSource, object?, UploadOptions?]> = [
    ['a path', () => file(BYTES)],
    ['a path with an odd name', () => file(BYTES, 'a % b#c?.bin')],
    ['a file: URL', () => pathToFileURL(file(BYTES, 'a % b#c?.bin'))],
    ['a Buffer', () => BYTES],
    [
      'a Uint8Array that is part of another',
      () => new Uint8Array(Buffer.concat([BYTES, BYTES])).subarray(0, BYTES.length),
    ],
    [
      'a path with digest and size',
      () => file(BYTES),
      { digest: KNOWN.digest.toUpperCase().replace('SHA', 'sha'), size: KNOWN.size },
    ],
    ['a Readable', () => createReadStream(file(BYTES)), KNOWN],
    ['a Readable of one large piece', () => Readable.from([BYTES], { objectMode: false }), KNOWN],
    ['a web stream', () => Readable.toWeb(Readable.from(iterable(BYTES))), KNOWN],
    ['an async iterable', () => iterable(BYTES), KNOWN],
    ['an async iterable with empty pieces', () => iterable(BYTES, 1 << 20), KNOWN],
    ['a Readable by a spool file', () => createReadStream(file(BYTES)), {}, { spool: true }],
    [
      'a web stream by a spool file',
      () => Readable.toWeb(Readable.from(iterable(BYTES))),
      KNOWN,
      { spool: true },
    ],
    ['an iterable by a spool file', () => iterable(BYTES), { size: KNOWN.size }, { spool: true }],
  ];

  test.each(SOURCES)('%s', async (_name, source, fields = {}, options = {}) => {
    const { url, artifacts } = await bucket();
    const result = await client({ url }).uploadArtifact({ ...UPLOAD, ...fields }, source(), options);
    expect(result).toEqual({ metadata: METADATA, alreadyStored: false, warnings: [] });
    expect(artifacts).toHaveLength(1);
    expect(BYTES.equals(artifacts[0]?.bytes ?? Buffer.alloc(0))).toBe(true);
  });

  test.each<[string, number, object, UploadOptions]>([
    ['small pieces', 100_000, KNOWN, {}],
    ['pieces that are cut', 300_000, KNOWN, {}],
    ['pieces for a spool file', 100_000, {}, { spool: true }],
  ])('a generator that reuses its buffer for %s', async (_name, pieceBytes, fields, options) => {
    const { url, artifacts } = await bucket();
    async function* reusing(): AsyncGenerator<Uint8Array> {
      const buffer = Buffer.alloc(pieceBytes);
      for await (const piece of iterable(BYTES, pieceBytes)) {
        buffer.set(piece);
        yield buffer.subarray(0, piece.byteLength);
        buffer.fill(0);
      }
    }
    await client({ url }).uploadArtifact({ ...UPLOAD, ...fields }, reusing(), options);
    expect(artifacts.map(({ metadata }) => metadata.digest)).toEqual([KNOWN.digest]);
  });

  test('of any size around the edges of a piece', async () => {
    const { url, artifacts } = await bucket();
    const it = client({ url });
    const edges = [1, 2, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 524_287, 524_288, 524_289];
    const path = join(folder(), 'x');
    for (const size of edges) {
      const bytes = BYTES.subarray(0, size);
      writeFileSync(path, bytes);
      const known = { ...UPLOAD, digest: digestOf(bytes), size };
      await it.uploadArtifact({ ...UPLOAD, version: `file-${size}` }, path);
      await it.uploadArtifact({ ...UPLOAD, version: `bytes-${size}` }, bytes);
      await it.uploadArtifact({ ...known, version: `stream-${size}` }, iterable(bytes, 32_768));
      await it.uploadArtifact({ ...UPLOAD, version: `spool-${size}` }, iterable(bytes, 32_768), {
        spool: true,
      });
    }
    expect(artifacts).toHaveLength(4 * edges.length);
    for (const { metadata, bytes } of artifacts) {
      const size = Number(metadata.version.split('-')[1]);
      expect([metadata.version, BYTES.subarray(0, size).equals(bytes)]).toEqual([metadata.version, true]);
    }
  });

  test('any stream, cut in any way', async () => {
    const { url, artifacts } = await bucket();
    const it = client({ url });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 30 }),
        fc.boolean(),
        async (pieces, spool) => {
          const bytes = Buffer.concat(pieces);
          const known = spool ? {} : { digest: digestOf(bytes), size: bytes.length };
          const upload = { ...UPLOAD, ...known, version: `n${++n}` };
          const { metadata } = await it.uploadArtifact(upload, Readable.from(pieces), {
            spool,
            allowEmpty: true,
          });
          expect(metadata.digest).toBe(digestOf(bytes));
          expect(bytes.equals(artifacts.at(-1)?.bytes ?? Buffer.alloc(0))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('names and actors of all kinds arrive, with Expect and without', async () => {
  const { url, artifacts } = await bucket();
  const it = client({ url });
  for (const bytes of [BYTES, BYTES.subarray(0, 10)]) {
    const upload = {
      bucketId: 'versions',
      artifactId: '...',
      version: `v ${bytes.length} [a]&b=%41+c#~`,
      uploadedBy: 'Zoë 漢字 😀 "quoted"',
      provenanceSource: 'é',
      createdAt: '2016-12-31T23:59:60+05:30',
    };
    const { metadata } = await it.uploadArtifact(upload, bytes);
    expect(metadata).toEqual(artifacts.at(-1)?.metadata);
    expect(metadata).toMatchObject({
      version: upload.version,
      uploaded_by: upload.uploadedBy,
      provenance_source: 'é',
      created_at: upload.createdAt,
    });
    expect(await it.headArtifact(upload)).toEqual(metadata);
    expect((await it.readArtifact(upload)).equals(bytes)).toBe(true);
  }
});

test('what is given is read at the call', async () => {
  const { url } = await bucket();
  const upload = { ...UPLOAD };
  const options = { allowEmpty: true };
  const uploading = client({ url }).uploadArtifact(upload, new Uint8Array(), options);
  upload.version = 'v2';
  options.allowEmpty = false;
  expect((await uploading).metadata.version).toBe('v1');
});

test('progress is told of every phase, to the last byte, and what it throws or rejects stops nothing', async () => {
  const { url } = await bucket();
  const it = client({ url });
  const seen: TransferProgress[] = [];
  const onProgress = (progress: TransferProgress) => {
    seen.push(progress);
    if (seen.length === 1) throw new Error('of the listener’s own');
    return seen.length === 2 ? Promise.reject(new Error('late')) : undefined;
  };
  await it.uploadArtifact(UPLOAD, iterable(BYTES), { spool: true, onProgress });
  const path = join(folder(), 'x');
  await it.downloadArtifact(REF, path, { onProgress });
  await it.uploadArtifact({ ...UPLOAD, version: 'v2' }, path, { onProgress });
  const last = (phase: string) => seen.filter((progress) => progress.phase === phase).at(-1);
  const total = BYTES.length;
  expect(last('spooling')).toEqual({ phase: 'spooling', bytes: total, total: undefined });
  for (const phase of ['hashing', 'sending', 'receiving'])
    expect(last(phase)).toEqual({ phase, bytes: total, total });
  const sent = seen.filter(({ phase }) => phase === 'sending').map(({ bytes }) => bytes);
  expect(sent).toEqual([262_144, 524_288, total, 262_144, 524_288, total]);
  expect(it.stats().callbackErrors).toBe(2);
});

describe('a version that is stored', () => {
  test('with the same bytes is a success, whoever uploaded it', async () => {
    const { url, artifacts } = await bucket();
    const it = client({ url });
    const first = await it.uploadArtifact(UPLOAD, BYTES);
    const again = await it.uploadArtifact({ ...UPLOAD, uploadedBy: 'cluster-6' }, BYTES);
    expect(again).toEqual({ metadata: first.metadata, alreadyStored: true, warnings: [] });
    expect(artifacts).toHaveLength(1);
  });

  test('with other bytes is an error that has both digests', async () => {
    const { url, artifacts } = await bucket();
    const it = client({ url });
    await it.uploadArtifact(UPLOAD, BYTES);
    const other = Buffer.from('other');
    expect(await failureOf(it.uploadArtifact(UPLOAD, other))).toMatchObject({
      code: 'version_exists',
      status: 409,
      expected: digestOf(other),
      found: digestOf(BYTES),
      details: { digest: digestOf(BYTES), identical: false },
      message: expect.stringMatching(
        /prod-models\/llama v1 is stored already, with other bytes.*another version/,
      ),
    });
    expect(artifacts).toHaveLength(1);
  });
});

describe('a source that cannot be', () => {
  test.each<[string, () => unknown, object, object, string, RegExp]>([
    [
      'nothing',
      () => undefined,
      {},
      {},
      'invalid_source',
      /^the source is undefined but must be a path, a file: URL/,
    ],
    ['a number', () => 7, {}, {}, 'invalid_source', /^the source is 7 but/],
    ['a list', () => [BYTES], {}, {}, 'invalid_source', /^the source is an array of 1 but/],
    [
      'a URL of the web',
      () => new URL('https://example.com/a'),
      {},
      {},
      'invalid_source',
      /must be a file: URL/,
    ],
    [
      'a file that is not there',
      () => '/nowhere/at-all',
      {},
      {},
      'source_failed',
      /cannot be opened: ENOENT/,
    ],
    ['a folder', () => folder(), {}, {}, 'invalid_source', /^the source is a folder but must be a file/],
    [
      'a device',
      () => '/dev/null',
      {},
      {},
      'invalid_source',
      /^the source is no regular file but must be a file: give a stream/,
    ],
    ['an empty file', () => file(Buffer.alloc(0)), {}, {}, 'empty_artifact', /0 bytes.*set allowEmpty/],
    ['an empty Buffer', () => Buffer.alloc(0), {}, {}, 'empty_artifact', /0 bytes/],
    [
      'an empty stream',
      () => iterable(BYTES.subarray(0, 0)),
      {},
      { spool: true },
      'empty_artifact',
      /0 bytes/,
    ],
    ['a size of 0', () => '/nowhere', { size: 0 }, {}, 'empty_artifact', /0 bytes/],
    [
      'too large',
      () => BYTES,
      {},
      { maxBytes: 700_000 },
      'artifact_too_large',
      /700001 bytes.*700000.*bhiv publish/,
    ],
    ['too large by what it says', () => '/nowhere', { size: 6e9 }, {}, 'artifact_too_large', /5368709120/],
    [
      'a stream that gets too large',
      () => iterable(BYTES),
      {},
      { spool: true, maxBytes: 9 },
      'artifact_too_large',
      /bhiv/,
    ],
    [
      'another size',
      () => file(BYTES),
      { size: 7 },
      {},
      'size_mismatch',
      /has 700001 bytes, and size says 7/,
    ],
    [
      'other bytes',
      () => file(BYTES),
      { digest: digestOf('x') },
      {},
      'digest_mismatch',
      /^the bytes have the digest/,
    ],
    [
      'other bytes in a spool file',
      () => iterable(BYTES),
      { digest: digestOf('x') },
      { spool: true },
      'digest_mismatch',
      /./,
    ],
    [
      'a stream alone',
      () => iterable(BYTES),
      {},
      {},
      'invalid_source',
      /digest and size are missing.*spool: true/,
    ],
    [
      'a stream with a size',
      () => iterable(BYTES),
      { size: 7 },
      {},
      'invalid_source',
      /its digest is missing/,
    ],
    [
      'a stream with a digest',
      () => iterable(BYTES),
      { digest: digestOf('x') },
      {},
      'invalid_source',
      /its size is missing/,
    ],
    [
      'a stream that is too long',
      () => iterable(BYTES),
      { ...KNOWN, size: 700_000 },
      {},
      'size_mismatch',
      /more than 700000/,
    ],
    [
      'a stream that is too short',
      () => iterable(BYTES),
      { ...KNOWN, size: 700_002 },
      {},
      'size_mismatch',
      /gave 700001 bytes/,
    ],
    [
      'a stream that goes on behind the right bytes',
      () => iterable(Buffer.concat([BYTES, BYTES])),
      KNOWN,
      {},
      'size_mismatch',
      /more than/,
    ],
    ['a stream of nothing', () => iterable(BYTES.subarray(0, 0)), KNOWN, {}, 'size_mismatch', /gave 0 bytes/],
    [
      'a stream of other bytes',
      () => iterable(Buffer.alloc(700_001)),
      KNOWN,
      {},
      'digest_mismatch',
      /Nothing was stored/,
    ],
    [
      'nothing that has a digest',
      () => Readable.from([]),
      { size: 0, digest: digestOf('x') },
      { allowEmpty: true },
      'digest_mismatch',
      /./,
    ],
    [
      'a stream of text',
      () => Readable.from(['text']),
      KNOWN,
      {},
      'invalid_source',
      /piece of a stream must be bytes/,
    ],
    [
      'a stream of text to spool',
      () => Readable.from(['text']),
      {},
      { spool: true },
      'invalid_source',
      /setEncoding/,
    ],
    ['a stream that fails', () => createReadStream('/nowhere/at-all'), KNOWN, {}, 'source_failed', /ENOENT/],
    [
      'a stream that fails to spool',
      () => createReadStream('/nowhere'),
      {},
      { spool: true },
      'source_failed',
      /ENOENT/,
    ],
    [
      'a spool folder that is not there',
      () => iterable(BYTES),
      {},
      { spool: '/nowhere' },
      'spool_failed',
      /ENOENT.*folder with room/,
    ],
  ])('%s', async (_name, source, fields, options, code, message) => {
    const server = await bucket();
    const it = client({ url: server.url });
    const error = await failureOf(it.uploadArtifact({ ...UPLOAD, ...fields }, source() as never, options));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(server.artifacts).toEqual([]);
  });

  test('a web stream that somebody else reads, or that failed', async () => {
    const { url } = await bucket();
    const it = client({ url });
    const locked = Readable.toWeb(Readable.from(iterable(BYTES)));
    locked.getReader();
    expect(await failureOf(it.uploadArtifact({ ...UPLOAD, ...KNOWN }, locked))).toMatchObject({
      code: 'invalid_source',
      message: expect.stringMatching(/^the source is a stream that somebody else reads but must/),
    });
    const failed = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('worn out')),
    });
    expect(await failureOf(it.uploadArtifact({ ...UPLOAD, ...KNOWN }, failed as never))).toMatchObject({
      code: 'source_failed',
      message: 'the source failed: worn out.',
    });
  });

  test.each<[unknown, string]>([
    ['text', 'text'],
    [undefined, 'undefined'],
    [{ code: 'EODD' }, 'EODD'],
    [{ code: 'EODD', message: 'a\u001b[31m\nb' }, 'EODD a [31m b'],
  ])('a stream that fails with %p', async (thrown, words) => {
    const { url } = await bucket();
    // biome-ignore lint/correctness/useYield: it fails before its first piece
    const failing = (async function* (): AsyncGenerator<Uint8Array> {
      throw thrown;
    })();
    expect(await failureOf(client({ url }).uploadArtifact({ ...UPLOAD, ...KNOWN }, failing))).toMatchObject({
      code: 'source_failed',
      message: `the source failed: ${words}.`,
      cause: thrown,
    });
  });

  test('a stream that fails with what does not let itself be looked at', async () => {
    const { url } = await bucket();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const next = () => Promise.reject(proxy);
    const failing = { [Symbol.asyncIterator]: () => ({ next }) };
    const error = await failureOf(client({ url }).uploadArtifact({ ...UPLOAD, ...KNOWN }, failing));
    expect(error.message).toBe('the source failed: a value that cannot be shown.');
  });
});

describe('a stream is ended, whatever becomes of the upload', () => {
  /** A generator that was asked for its first piece already, and that fails in its own end. */
  async function started() {
    let ended = 0;
    const generator = (async function* () {
      try {
        for (;;) yield BYTES;
      } finally {
        ended += 1;
        // biome-ignore lint/correctness/noUnsafeFinally: it is what a generator may do, and what must not be heard of
        throw new Error('of the generator’s own');
      }
    })();
    await generator.next();
    return { generator, ends: () => ended };
  }

  test.each<[string, object, UploadOptions, string]>([
    ['refused for its fields', { version: '..' }, {}, 'invalid_name'],
    ['refused without digest', {}, {}, 'invalid_source'],
    ['too large to spool', {}, { spool: true, maxBytes: 5 }, 'artifact_too_large'],
    ['of another size', { ...KNOWN, size: 5 }, {}, 'size_mismatch'],
    ['of other bytes', { ...KNOWN, digest: digestOf('') }, {}, 'digest_mismatch'],
  ])('%s', async (_name, fields, options, code) => {
    const { url } = await bucket();
    const it = client({ url });
    const path = file(BYTES);
    const stream = createReadStream(path);
    expect(await failureOf(it.uploadArtifact({ ...UPLOAD, ...fields }, stream, options))).toMatchObject({
      code,
    });
    expect(stream.destroyed).toBe(true);
    let cancelled = false;
    const web = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(BYTES)),
      cancel: () => {
        cancelled = true;
      },
    });
    await failureOf(it.uploadArtifact({ ...UPLOAD, ...fields }, web as never, options));
    expect(cancelled).toBe(true);
    const { generator, ends } = await started();
    await failureOf(it.uploadArtifact({ ...UPLOAD, ...fields }, generator, options));
    await until(() => ends() === 1);
  });

  test('of a client that is closed or disabled', async () => {
    const path = file(BYTES);
    const disabled = client({ enabled: false });
    const closed = client({});
    await closed.close();
    for (const it of [disabled, closed]) {
      const stream = createReadStream(path);
      await failureOf(it.uploadArtifact({ ...UPLOAD, ...KNOWN }, stream));
      expect(stream.destroyed).toBe(true);
      const { generator, ends } = await started();
      await failureOf(it.uploadArtifact({ ...UPLOAD, ...KNOWN }, generator));
      await until(() => ends() === 1);
    }
  });
});

test('a spool file has no name while it is written, and is gone afterwards', async () => {
  const { url } = await bucket();
  const it = client({ url });
  const spool = join(folder(), 'spool');
  mkdirSync(spool);
  const names: string[][] = [];
  const onProgress = () => names.push(readdirSync(spool));
  await it.uploadArtifact(UPLOAD, iterable(BYTES), { spool, onProgress });
  expect(names.length).toBeGreaterThan(3);
  expect(names.flat()).toEqual([]);
  expect(openFiles().filter((path) => path.includes('bhiv-spool'))).toEqual([]);
});
