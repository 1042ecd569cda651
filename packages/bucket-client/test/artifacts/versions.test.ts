import { StringDecoder } from 'node:string_decoder';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EntrySplitter } from '../../src/artifacts/split-entries.ts';
import { bucket, client } from '../support.ts';
import { digestOf, errorBody, failureOf, httpServer, json, UPLOAD } from './support.ts';

const entry = (version: string, more: object = {}) => ({
  version,
  digest: digestOf(version),
  size_bytes: 7,
  created_at: '2026-01-29T10:30:00Z',
  ...more,
});

async function listed(body: unknown, status = 200) {
  const { url } = await httpServer((_request, response) => json(response, status, body));
  return client({ url }).listVersions('b', 'a');
}

describe('the list of versions', () => {
  test('is what was stored; of an unknown artifact it is empty', async () => {
    const { url } = await bucket();
    const it = client({ url });
    await it.uploadArtifact(UPLOAD, Buffer.from('one'));
    await it.uploadArtifact({ ...UPLOAD, version: 'v2' }, Buffer.from('two'));
    const list = await it.listVersions(UPLOAD.bucketId, UPLOAD.artifactId);
    expect(list.map(({ version, digest }) => [version, digest])).toEqual([
      ['v1', digestOf('one')],
      ['v2', digestOf('two')],
    ]);
    expect(await it.listVersions(UPLOAD.bucketId, 'other')).toEqual([]);
  });

  test('keeps what a newer Bucket adds to its entries, and passes over the rest', async () => {
    const odd = entry('v]}"\\[{1'.replaceAll(/[\\"]/g, '~'), { labels: ['[', '"}{\\'], deep: [{ a: [{}] }] });
    const body = {
      before: ['{', { versions: [] }],
      versions: [odd, entry('v2')],
      next: { versions: [entry('v3')] },
    };
    expect(await listed(body)).toEqual([odd, entry('v2')]);
    expect(await listed(JSON.stringify(body, null, 4))).toEqual([odd, entry('v2')]);
  });

  test('of 100,000 comes without holding the event loop', async () => {
    const all = Array.from({ length: 100_000 }, (_, n) => entry(`v${n}`));
    const body = JSON.stringify({ versions: all });
    const { url } = await httpServer((_request, response) => json(response, 200, body));
    const list = await client({ url }).listVersions('b', 'a');
    expect(list).toHaveLength(100_000);
    expect(list[0]).toEqual(all[0]);
    expect(list.at(-1)).toEqual(all.at(-1));
  });

  test.each<[string, unknown, RegExp]>([
    ['text', 'hello', /is no list of versions/],
    ['an object without it', { items: [] }, /is no list/],
    ['half of it', '{"versions": [', /is no list/],
    ['half of an entry', '{"versions": [{"version": "v1"', /is no list/],
    ['numbers', { versions: [7] }, /is no list/],
    ['a list of lists', { versions: [[entry('v1')]] }, /has an entry that is no version/],
    ['entries of others', { versions: [{ name: 'v1' }] }, /has an entry that is no version but "\{/],
    ['an odd digest', { versions: [entry('v1', { digest: 'x' })] }, /has an entry/],
    ['an odd version', { versions: [entry('a/b')] }, /has an entry/],
    ['an odd size', { versions: [entry('v1', { size_bytes: -1 })] }, /has an entry/],
    ['an odd time', { versions: [entry('v1', { created_at: 7 })] }, /has an entry/],
    ['an entry that is no JSON', '{"versions": [{]}]}', /has an entry/],
  ])('that is %s is an error', async (_name, body, message) => {
    expect(await failureOf(listed(body))).toMatchObject({
      code: 'bad_response',
      message: expect.stringMatching(message),
    });
  });

  test('that has an endless entry, or an endless rest, is an error', async () => {
    const long = 'x'.repeat(70_000);
    for (const body of [{ versions: [entry('v1', { long })] }, { versions: [], long }]) {
      expect(await failureOf(listed(body))).toMatchObject({
        code: 'response_too_large',
        message: expect.stringContaining('over 65536 characters'),
      });
    }
  });

  test('that is a 404 of somebody else is an error, not an empty list', async () => {
    expect(await failureOf(listed(errorBody('not_found'), 404))).toMatchObject({ code: 'not_found' });
    expect(await failureOf(listed('<html>', 404))).toMatchObject({ code: 'http_4xx', status: 404 });
    const { url } = await httpServer((_request, response) => json(response, 404, errorBody('not_found')));
    expect(await failureOf(client({ url }).headArtifact(UPLOAD))).toMatchObject({ code: 'not_found' });
  });
});

test('the entries are those of JSON.parse, wherever the text is cut', () => {
  const value = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), { maxLength: 8 });
  fc.assert(
    fc.property(
      value,
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.integer({ min: 1, max: 40 }),
      (versions, rest, step) => {
        const whole = { ...rest, versions };
        const bytes = Buffer.from(JSON.stringify(whole));
        const splitter = new EntrySplitter();
        const decoder = new StringDecoder('utf8');
        const entries: unknown[] = [];
        for (let at = 0; at < bytes.length; at += step) {
          for (const text of splitter.push(decoder.write(bytes.subarray(at, at + step))))
            entries.push(JSON.parse(text));
        }
        expect(entries).toEqual(JSON.parse(JSON.stringify(versions)));
        expect(JSON.parse(splitter.around)).toEqual(JSON.parse(JSON.stringify({ ...whole, versions: [] })));
      },
    ),
    { numRuns: 1000 },
  );
});
