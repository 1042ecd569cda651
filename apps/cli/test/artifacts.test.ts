import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf, randomBytes } from './helpers/bytes.ts';
import { Room } from './helpers/room.ts';

let room: Room;
beforeAll(async () => {
  room = await Room.open({ BUCKET_MAX_ARTIFACT_BYTES: '1MiB' });
});
afterAll(() => room.close());

const MODEL = randomBytes(300_000);

test('put stores a file, once; get brings it back; versions and head tell of it', async () => {
  const file = room.write('run-47/model.safetensors', MODEL);
  const put = ['put', file, 'prod-models/llama-3-8b@v3.1.0', '--by', 'trainer-7', '--source', 'run-47'];
  const first = await room.bhiv(put);
  expect(first).toMatchObject({ status: 0 });
  expect(first.stdout).toBe(`prod-models/llama-3-8b@v3.1.0 stored: 293 KiB, ${digestOf(MODEL)}\n`);

  expect(await room.json(put)).toMatchObject({ already_stored: true, digest: digestOf(MODEL) });

  const head = await room.json(['head', 'prod-models/llama-3-8b@v3.1.0']);
  expect(head).toMatchObject({
    ...{ bucket_id: 'prod-models', artifact_id: 'llama-3-8b', version: 'v3.1.0', size_bytes: 300_000 },
    ...{ uploaded_by: 'trainer-7', provenance_source: 'run-47', digest: digestOf(MODEL) },
  });
  const { stdout: shown } = await room.bhiv(['head', 'prod-models/llama-3-8b@v3.1.0']);
  expect(shown).toMatch(/^size +293 KiB \(300000 bytes\)$/m);

  const { versions } = await room.json(['versions', 'prod-models/llama-3-8b']);
  expect(versions).toMatchObject([{ version: 'v3.1.0', size_bytes: 300_000 }]);

  const got = await room.bhiv(['get', 'prod-models/llama-3-8b@v3.1.0', 'serve.bin']);
  expect(got).toMatchObject({ status: 0, stdout: `serve.bin: 293 KiB, ${digestOf(MODEL)}\n` });
  expect(readFileSync(room.at('serve.bin')).equals(MODEL)).toBe(true);
});

test('get puts a file into a folder under the name of the artifact', async () => {
  await room.bhiv(['put', room.write('a.txt', 'a'), 'texts/a@v1', '--source', 'test']);
  room.write('folder/other.txt', 'other');
  expect(await room.json(['get', 'texts/a@v1', 'folder'])).toMatchObject({ path: 'folder/a', size_bytes: 1 });
  expect(readFileSync(room.at('folder/a'), 'utf8')).toBe('a');
});

test('a file that is there is left alone with --no-overwrite', async () => {
  await room.bhiv(['put', room.write('b.txt', 'b'), 'texts/b@v1', '--source', 'test']);
  room.write('there.txt', 'mine');
  const { status, stderr } = await room.bhiv(['get', 'texts/b@v1', 'there.txt', '--no-overwrite']);
  expect(status).toBe(4);
  expect(stderr).toContain('there.txt');
  expect(readFileSync(room.at('there.txt'), 'utf8')).toBe('mine');
});

test('what comes through a pipe goes up, and comes down through one', async () => {
  const input = randomBytes(200_000, 'piped');
  const put = await room.bhiv(['put', '-', 'logs/run-47@v1', '--source', 'run-47'], { input });
  expect(put.status).toBe(0);
  const { digest } = await room.json(['head', 'logs/run-47@v1']);
  expect(digest).toBe(digestOf(input));
  await room.bhiv(['put', '-', 'logs/text@v1', '--source', 'run-47'], { input: 'grüße\n' });
  const got = await room.bhiv(['get', 'logs/text@v1', '-']);
  expect(got).toMatchObject({ status: 0, stdout: 'grüße\n' });
});

test('other bytes under a version are a conflict, and what is stored stands', async () => {
  await room.bhiv(['put', room.write('c.txt', 'c'), 'texts/c@v1', '--source', 'test']);
  const { status, stderr } = await room.bhiv([
    'put',
    room.write('d.txt', 'd'),
    'texts/c@v1',
    '--source',
    'test',
  ]);
  expect(status).toBe(4);
  expect(stderr).toMatch(/^error: texts\/c v1 is stored already, with other bytes/m);
  expect((await room.bhiv(['get', 'texts/c@v1', '-'])).stdout).toBe('c');
});

test('what Bucket does not have is not found, and it says what there is instead', async () => {
  await room.bhiv(['put', room.write('e.txt', 'e'), 'texts/e@v1', '--source', 'test']);
  for (const command of ['head', 'get']) {
    const { status, stderr } = await room.bhiv([command, 'texts/e@v2']);
    expect(status).toBe(3);
    expect(stderr).toBe(
      'error: texts/e has no version "v2": it has "v1".\nhint: bhiv versions texts/e lists them.\n',
    );
  }
  expect((await room.bhiv(['get', 'texts/e@latest'])).stderr).toContain('the registry does');
  expect(await room.bhiv(['versions', 'texts/nothing'])).toMatchObject({ status: 3, stdout: '' });
  expect((await room.bhiv(['get', 'texts/nothing@v1'])).stderr).toContain(
    'Bucket has no artifact texts/nothing',
  );
  expect(existsSync(room.at('nothing'))).toBe(false);
});

test('bytes that do not have the digest are not verified', async () => {
  await room.bhiv(['put', room.write('f.txt', 'f'), 'texts/f@v1', '--source', 'test']);
  const digest = digestOf('other');
  expect((await room.bhiv(['get', 'texts/f@v1', 'f.out', '--digest', digest])).status).toBe(5);
  expect(existsSync(room.at('f.out'))).toBe(false);
  expect(
    (await room.bhiv(['put', room.at('f.txt'), 'texts/f@v2', '--source', 'test', '--digest', digest])).status,
  ).toBe(5);
  expect((await room.bhiv(['head', 'texts/f@v2'])).status).toBe(3);
});

test('what is too large for Bucket, or for the client, is told to go with bhiv publish', async () => {
  const file = room.write('large.bin', randomBytes(1_100_000));
  for (const limits of [[], ['--max-bytes', '1MiB']]) {
    const { status, stderr } = await room.bhiv([
      'put',
      file,
      'models/large@v1',
      '--source',
      'test',
      ...limits,
    ]);
    expect(status).toBe(1);
    expect(stderr).toContain('bhiv publish');
  }
});

test('a Bucket that takes less than a pack is told of by publish, which advises nothing that it does itself', async () => {
  const file = room.write('packs.bin', randomBytes(1_200_000));
  const { status, stderr } = await room.bhiv(['publish', file, 'packs@v1', '--bucket', 'models', '-q']);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: Bucket, or a gateway before it, takes less.*\nhint: .*BUCKET_MAX_ARTIFACT_BYTES/,
  );
  expect(stderr).not.toMatch(/bhiv publish|split/);
});

test('what is discouraged is warned of, what is empty is refused', async () => {
  const put = [
    'put',
    room.write('g.txt', 'g'),
    'texts/model-latest@2026-01-29',
    '--source',
    'test',
    '--by',
    'a@b.example',
  ];
  const { status, stderr } = await room.bhiv(put);
  expect(status).toBe(0);
  expect(stderr.match(/^warning: .*$/gm)).toHaveLength(3);
  expect((await room.json(put)).warnings).toHaveLength(3);
  expect((await room.bhiv([...put, '--quiet'])).stderr).toBe('');

  const empty = ['put', room.write('empty', ''), 'texts/empty@v1', '--source', 'test'];
  expect(await room.bhiv(empty)).toMatchObject({ status: 1 });
  expect(await room.json([...empty, '--allow-empty'])).toMatchObject({ size_bytes: 0 });
});

test('a put that is registered is a version of the registry', async () => {
  const put = ['put', room.write('h.txt', 'h'), 'texts/h@v1', '--source', 'test'];
  const alone = await room.bhiv([...put, '--tag', 'x']);
  expect(alone).toMatchObject({ status: 2 });
  expect(alone.stderr).toContain('--register');
  const labels = ['--meta', 'task=code', '--tag', 'x', '--alias', 'staging'];
  const { stdout } = await room.bhiv([...put, '--register', ...labels]);
  expect(stdout).toContain('registered as h@v1\nstaging → v1\n');
  expect(await room.json(['show', 'h:staging'])).toMatchObject({
    ...{ kind: 'artifact', bucket_id: 'texts', artifact_id: 'h', version: 'v1', digest: digestOf('h') },
    ...{ tags: ['x'], metadata: { task: 'code' }, registered_by: 'tester-1' },
  });
  await room.json([...put, '--model', 'letters']);
  expect(await room.json(['show', 'letters@v1'])).toMatchObject({ artifact_id: 'h' });
  // and is fetched and verified like any other
  expect(await room.json(['fetch', 'letters:latest', 'fetched'])).toMatchObject({ files: 1, bytes: 1 });
  expect(readFileSync(room.at('fetched/h'), 'utf8')).toBe('h');
  expect(await room.json(['verify', 'letters@v1'])).toMatchObject({ problems: [], bytes: 1 });
});

test('nothing temporary stays behind', () => {
  expect(readdirSync(room.path).filter((name) => name.startsWith('.bhiv'))).toEqual([]);
});
