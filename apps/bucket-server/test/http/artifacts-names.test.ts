import { readdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { checkErrorBody } from '@bhiv/contracts/validators';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { EMPTY, filesBelow, storedFiles, upload } from '../helpers/artifacts.ts';
import { RawConnection, sendJson } from '../helpers/http.ts';
import { RawClient, type RawReply } from '../helpers/raw-client.ts';
import { type RunningApp, startApp } from '../helpers/start-app.ts';

let app: RunningApp;

afterEach(() => app.stop());

const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
const NAME_CHARACTERS = PRINTABLE.filter((character) => /[A-Za-z0-9_.-]/.test(character));

/** An upload of no bytes, as text; `target` and `version` are octets as Latin-1. */
function emptyUpload(target: string, version: string): string {
  const head = [
    `PUT ${target} HTTP/1.1`,
    'Host: localhost',
    `X-Artifact-Version: ${version}`,
    `X-Artifact-Digest: ${EMPTY}`,
    'X-Uploaded-By: test',
    'X-Provenance-Source: test',
    'Content-Length: 0',
  ];
  return `${head.join('\r\n')}\r\n\r\n`;
}

describe('the rules of names, at their edges', () => {
  test('every character that is allowed in bucket_id and artifact_id, and the longest names', async () => {
    app = await startApp();
    const all = NAME_CHARACTERS.join('');
    const names = [all, 'a', '_', '-', '...', '.a', 'a.', '..a', '-rf', 'x'.repeat(255), 'CON', 'versions'];
    for (const name of names) {
      expect([name, (await upload(app.port, 'x', {}, `/v1/${name}/${name}`)).status]).toEqual([name, 201]);
    }
    // Percent-encoding stands for the same name.
    const encoded = [...'a'].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('');
    expect((await upload(app.port, 'x', {}, `/v1/${encoded}/a`)).status).toBe(409);
  });

  test('every other character below 256, however it is written, is 400 invalid_name', async () => {
    app = await startApp();
    const others = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
      (character) => !NAME_CHARACTERS.includes(character),
    );
    for (const character of others) {
      const octet = character.charCodeAt(0).toString(16).padStart(2, '0');
      const spellings = [`%${octet}`, `%${octet.toUpperCase()}`, encodeURIComponent(character)];
      for (const spelled of new Set(spellings)) {
        for (const path of [`/v1/a${spelled}b/a`, `/v1/a/${spelled}`]) {
          const { status, body } = await sendJson(app.port, `${path}?version=v1`);
          expect([path, status, body.error.code]).toEqual([path, 400, 'invalid_name']);
          expect(checkErrorBody(body)).toEqual([]);
        }
      }
    }
  });

  test.each([
    ['.', 'bucket_id is "." but must fit the rule'],
    ['..', 'bucket_id is ".." but must fit the rule'],
    ['%2e%2e', 'bucket_id is ".." but must fit the rule'],
    ['%2E.', 'bucket_id is ".." but must fit the rule'],
    ['%2f', 'bucket_id is "/" but must fit the rule'],
    ['a%00', 'bucket_id is "a\\u0000" but must fit the rule'],
    ['%c0%ae', 'which is not percent-encoded UTF-8'],
    ['%zz', 'which is not percent-encoded UTF-8'],
    ['%', 'which is not percent-encoded UTF-8'],
    ['a%4', 'which is not percent-encoded UTF-8'],
    ['%ef%bc%8e%ef%bc%8e', 'bucket_id is "．．" but must fit the rule'],
    ['x'.repeat(256), 'bucket_id is "xxx'],
    ['x'.repeat(4096), 'bucket_id is "xxx'],
  ])('bucket_id %.20s is 400, with the value', async (name, message) => {
    app = await startApp();
    const { status, body } = await sendJson(app.port, `/v1/${name}/a?version=v1`);
    expect([status, body.error.code, body.error.details.field]).toEqual([400, 'invalid_name', 'bucket_id']);
    expect(body.error.message).toContain(message);
    expect(body.error.message.length).toBeLessThan(500);
    const artifact = await sendJson(app.port, `/v1/a/${name}`, { method: 'PUT' });
    expect([artifact.status, artifact.body.error.details.field]).toEqual([400, 'artifact_id']);
  });

  test('versions: every printable character but nine, 1 to 100 of them', async () => {
    app = await startApp();
    const forbidden = '/\\:*?"<>|';
    const allowed = PRINTABLE.filter((character) => !forbidden.includes(character)).join('');
    const versions = [allowed.slice(1), 'a b', '...', '~', 'latest', '2024', '%2e%2e', 'x'.repeat(100), '.x'];
    for (const version of versions) {
      const stored = await upload(app.port, 'x', { 'X-Artifact-Version': version });
      expect([version, stored.status, stored.body.version]).toEqual([version, 201, version]);
      const got = await sendJson(
        app.port,
        `/v1/b/a?version=${encodeURIComponent(version)}&metadata_only=true`,
      );
      expect([got.status, got.body.version]).toEqual([200, version]);
    }
    const refused = [...forbidden].map((character) => `a${character}b`);
    for (const version of [...refused, '.', '..', 'x'.repeat(101), 'a\tb', 'a\x7f', 'v\xc3\xa9']) {
      const { status, body } = await upload(app.port, 'x', { 'X-Artifact-Version': version }).catch(() => ({
        status: 0, // Node's client does not send it at all
        body: undefined,
      }));
      if (status !== 0) expect([version, status, body.error.code]).toEqual([version, 400, 'invalid_name']);
      const asked = await sendJson(app.port, `/v1/b/a?version=${encodeURIComponent(version)}`);
      expect([version, asked.status]).toEqual([version, 400]);
    }
    for (const spaced of ['%20a', 'a%20', '+a', '%09a']) {
      expect((await sendJson(app.port, `/v1/b/a?version=${spaced}`)).status).toBe(400);
    }
    expect(await storedFiles(app.folder)).toHaveLength(versions.length + 1);
  });
});

/** What a path may be made of: tricks and harmless pieces, and whatever a request target can hold. */
const piece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '/',
    '//',
    '\\',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '%00',
    '%252e%252e%252f',
    '%c0%ae',
    '%e0%80%ae',
    '%c0%af',
    '%u002e',
    '%uff0e',
    '%ef%bc%8e',
    '%ef%bc%8f',
    '%e2%88%95',
    '~',
    '%7e',
    ';',
    ':',
    '|',
    '*',
    '%0a',
    '%0d%0a',
    '%',
    '%2',
    'etc/passwd',
    'events.db',
    'bucket.lock',
    'artifacts',
    'tmp',
    'refs',
    'blobs',
    'versions',
    'C:',
    'con',
    '?',
    '#',
    '@',
    'a',
    'x.json',
  ),
  fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  fc.integer({ min: 0, max: 0xff }).map((code) => `%${code.toString(16).padStart(2, '0')}`),
);
/** Raw octets above ASCII, which Node's parser refuses in a target. */
const unencoded = fc.constantFrom('\xef\xbc\x8e', '\xe2\x88\x95', '\xc0\xae', '\xff');
const segment = fc
  .array(fc.oneof({ weight: 50, arbitrary: piece }, { weight: 1, arbitrary: unencoded }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((pieces) => pieces.join(''));
const target = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(segment, segment).map(([bucket, artifact]) => `/v1/${bucket}/${artifact}`),
  },
  { weight: 1, arbitrary: segment.map((bucket) => `/v1/${bucket}/a`) },
  { weight: 1, arbitrary: segment.map((artifact) => `/v1/b/${artifact}`) },
  { weight: 1, arbitrary: fc.array(segment, { maxLength: 6 }).map((all) => `/v1/${all.join('/')}`) },
  { weight: 1, arbitrary: segment.map((rest) => `http://localhost/v1/../${rest}`) },
);
/** A header value; line breaks and NUL would be another request. */
const version = fc.oneof(
  fc.constant('v1'),
  segment.map((text) => text.replaceAll('\x7f', '')),
  fc.constantFrom('../../../escaped', '..', '/etc/passwd', '\\..\\x', '..%2fescaped', 'a/../../b'),
);

describe('path tricks', () => {
  test('50,000 names: nothing leaves the folder of refs, and what is stored is what was answered', async () => {
    app = await startApp({ log: pino({ level: 'silent' }) });
    const seed = Date.now();
    const own = (await filesBelow(app.folder)).filter((file) => !file.startsWith('events.db'));
    const cases = fc.sample(fc.tuple(target, version), { seed, numRuns: 50_000 });

    const stored = new Set<string>();
    const statuses = new Map<number, number>();
    const note = ({ status, body }: RawReply) => {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status !== 201) return;
      const { bucket_id, artifact_id, version: name } = JSON.parse(body);
      stored.add(`artifacts/refs/${bucket_id}/${artifact_id}/${name}.json`);
    };
    const rest = cases.values();
    const runLane = async () => {
      let client = new RawClient(app.port);
      for (const each of rest) {
        const reply = await client.request(emptyUpload(...each));
        note(reply);
        if (!/^connection: close/im.test(reply.head)) continue;
        client.close();
        client = new RawClient(app.port);
      }
      client.close();
    };
    await Promise.all(Array.from({ length: 16 }, runLane));

    const files = (await filesBelow(app.folder)).filter((file) => !file.startsWith('events.db'));
    const blob = `artifacts/blobs/sha256/e3/${EMPTY.slice('sha256:'.length)}`;
    const context = `seed ${seed}, ${JSON.stringify([...statuses])}`;
    expect([context, files]).toEqual([context, [...own, ...stored, blob].toSorted()]);
    expect(await readdir(dirname(app.folder))).toEqual([basename(app.folder)]);
    const expected = [201, 400, 404, 405, 409];
    expect([context, [...statuses.keys()].filter((status) => !expected.includes(status))]).toEqual([
      context,
      [],
    ]);
    expect(stored.size).toBeGreaterThan(0);
    expect([...statuses.values()].reduce((sum, count) => sum + count)).toBe(50_000);
  }, 300_000);

  test('octets that no request target can have are refused by the parser', async () => {
    app = await startApp();
    for (const octet of ['\0', '\x01', '\t', '\x7f', ' ']) {
      const connection = new RawConnection(app.port);
      connection.write(
        emptyUpload(`/v1/b/a${octet}../x`, 'v1').replace('Content-Length', 'Connection: close\r\n$&'),
      );
      const [, status] = /^HTTP\/1\.1 (\d+)/.exec(await connection.closed()) ?? [];
      expect([octet, Number(status)]).toEqual([octet, 400]);
    }
    expect(await storedFiles(app.folder)).toEqual([]);
  });

  test('a name of 4,096 characters in every place', async () => {
    app = await startApp();
    const long = 'x'.repeat(4096);
    for (const [path, name] of [
      [`/v1/${long}/a`, 'v1'],
      [`/v1/b/${long}`, 'v1'],
      ['/v1/b/a', long],
      [`/v1/${'../'.repeat(1365)}a/a`, 'v1'],
      [`/v1/${'%2e%2e%2f'.repeat(455)}a/a`, 'v1'],
    ] as const) {
      const client = new RawClient(app.port);
      const { status } = await client.request(emptyUpload(path, name));
      expect([400, 404]).toContain(status);
      client.close();
    }
    expect(await storedFiles(app.folder)).toEqual([]);
  });
});
