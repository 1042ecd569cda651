import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from './helpers/bytes.ts';
import { Room } from './helpers/room.ts';

let room: Room;
beforeAll(async () => {
  room = await Room.open();
});
afterAll(() => room.close());

const WEIGHTS = randomBytes(5_000_000);

/** A folder like those that training runs leave. */
function writeRun(name: string): string {
  room.write(`${name}/model.bin`, WEIGHTS);
  room.write(`${name}/tokenizer/vocab.json`, '{"a": 1}');
  return room.at(name);
}

const publish = (folder: string, version: string, ...options: string[]) => [
  ...['publish', folder, version, '--bucket', 'prod-models'],
  ...options,
];

test('publish sends only what is new, registers the version and sets the alias; fetch brings it back', async () => {
  const run = writeRun('run-47');
  const first = await room.bhiv(
    publish(run, 'llama@v1', '--alias', 'staging', '--meta', 'accuracy=0.91', '--tag', 'ok'),
  );
  expect(first).toMatchObject({ status: 0 });
  expect(first.stdout).toMatch(/^llama@v1 published: 2 files, 4.77 MiB\nsent 4.77 MiB, 0 B deduplicated\n/);
  expect(first.stdout).toMatch(/llama:staging → v1\n$/);

  const next = room.at('run-48');
  cpSync(run, next, { recursive: true });
  writeFileSync(join(next, 'tokenizer/vocab.json'), '{"a": 1, "b": 2}');
  const second = await room.json(
    publish(next, 'llama@v2', '--alias', 'staging', '--expect', 'v1', '--parent', 'llama:staging'),
  );
  expect(second).toMatchObject({
    ...{ logical_id: 'llama', version: 'v2', bucket_id: 'prod-models', files: 2, already_published: false },
    ...{ uploaded_by: 'tester-1', provenance_source: 'run-48', bytes_reused: WEIGHTS.byteLength },
    alias: { alias: 'staging', from: 'v1', to: 'v2' },
  });
  expect(second.bytes_sent).toBeLessThan(10_000);
  expect(await room.json(['show', 'llama:staging'])).toMatchObject({
    ...{ version: 'v2', kind: 'manifest', parents: [{ logical_id: 'llama', version: 'v1' }] },
  });

  const fetched = await room.bhiv(['fetch', 'llama:staging', 'serve']);
  expect(fetched).toMatchObject({ status: 0 });
  expect(fetched.stdout).toMatch(/^llama@v2 is in serve: 2 files, 4.77 MiB\n/);
  expect(readFileSync(room.at('serve/model.bin')).equals(WEIGHTS)).toBe(true);
  expect(readFileSync(room.at('serve/tokenizer/vocab.json'), 'utf8')).toBe('{"a": 1, "b": 2}');
  expect(await room.json(['fetch', 'llama@v2', 'serve'])).toMatchObject({ files_kept: 2, bytes_received: 0 });

  // by its digest, and without a registry at all
  const { digest } = await room.json(['show', 'llama@v1']);
  expect(await room.json(['fetch', `llama@${digest}`, 'by-digest'])).toMatchObject({ version: 'v1' });
  const address = ['fetch', 'prod-models/llama@v1', 'by-address'];
  const nowhere = { env: { BHIV_REGISTRY: room.at('none.db') } };
  expect(await room.json([...address, '--digest', digest], nowhere)).toMatchObject({ files: 2 });
  const other = ['--digest', `sha256:${'0'.repeat(64)}`];
  expect((await room.bhiv([...address, ...other], nowhere)).status).toBe(5);
  expect(existsSync(room.at('none.db'))).toBe(false);
});

test('publishing the same again changes nothing; other files under a version are a conflict', async () => {
  const run = room.write('again/a.txt', 'a').replace(/\/a.txt$/, '');
  const command = publish(run, 'again@v1', '--alias', 'staging', '--expect-new');
  await room.json(command);
  const again = await room.json(command);
  expect(again).toMatchObject({ already_published: true, already_registered: true, bytes_sent: 0 });
  expect(again.alias).toMatchObject({ to: 'v1', changed: false });
  room.write('again/a.txt', 'b');
  const { status, stderr } = await room.bhiv(command);
  expect(status).toBe(4);
  expect(stderr).toContain('publish under another version');
});

test('what would fail at the end fails before anything is sent', async () => {
  const run = writeRun('early');
  const labels: [string[], number, RegExp][] = [
    [['--alias', 'latest'], 2, /reserved/],
    [['--alias', 'a', '--expect', 'v0'], 4, /is not there and was expected to point at "v0"/],
    [['--expect', 'v0'], 2, /--alias/],
    [['--parent', 'early:production'], 3, /Nothing is registered as "early"/],
    [['--tag', 'no spaces'], 2, /tags\[0\]/],
    [['--meta', 'nothing'], 2, /key=value/],
  ];
  const all = await Promise.all(labels.map(([options]) => room.bhiv(publish(run, 'early@v1', ...options))));
  for (const [index, [options, status, words]] of labels.entries()) {
    expect({ options, status: all[index]?.status }).toEqual({ options, status });
    expect(all[index]?.stderr).toMatch(words);
  }
  expect((await room.bhiv(['versions', 'prod-models/early.packs'])).status).toBe(3);
  const { status, stderr } = await room.bhiv(['publish', run, 'early@v1']);
  expect(status).toBe(2);
  expect(stderr).toContain('--bucket is missing');
  expect((await room.bhiv(publish(run, 'early:v1'))).status).toBe(2);
});

test('a version that is registered with something else is refused before anything is sent', async () => {
  const run = writeRun('taken');
  await room.json(publish(run, 'base@v1'));
  const labels = ['--meta', 'a=1', '--parent', 'base@v1'];
  await room.json(publish(run, 'taken@v1', ...labels));
  expect(await room.json(publish(run, 'taken@v1', ...labels))).toMatchObject({ already_registered: true });

  const put = ['put', join(run, 'model.bin'), 'other/taken@v1', '--source', 'test'];
  const calls: [string[], string][] = [
    [['publish', run, 'taken@v1', '--bucket', 'other', ...labels], 'another bucketId'],
    [[...put, '--register', ...labels], 'another bucketId, kind'],
    [
      ['put', join(run, 'model.bin'), 'other/new@v1', '--source', 'test', '--model', 'taken'],
      'bucketId, artifactId',
    ],
    [publish(run, 'taken@v1', '--meta', 'a=2', '--parent', 'base@v1'), 'another metadata'],
    [publish(run, 'taken@v1', '--meta', 'a=1'), 'another parents'],
  ];
  const all = await Promise.all(calls.map(([args]) => room.bhiv([...args, '--quiet'])));
  for (const [index, [args, words]] of calls.entries()) {
    expect({ args, status: all[index]?.status }).toEqual({ args, status: 4 });
    expect(all[index]?.stderr).toContain(words);
  }
  for (const name of ['other/taken', 'other/new', 'other/taken.packs'])
    expect((await room.bhiv(['versions', name])).status).toBe(3);
  const itself = await room.bhiv(publish(run, 'taken@v1', '--meta', 'a=1', '--parent', 'taken@v1'));
  expect(itself.status).toBe(2);
  expect(itself.stderr).toContain('names itself as a parent');
});

test('a flipped byte is found by verify, refused by fetch, and healed by a publish that reads back', async () => {
  const run = writeRun('rotten');
  const bytes = randomBytes(3_000_000, 'rotten');
  room.write('rotten/model.bin', bytes);
  await room.json(publish(run, 'rotten@v1'));
  flipByteOf(bytes.subarray(0, 64));

  const [plain, json, fetched] = await Promise.all([
    room.bhiv(['verify', 'rotten@v1']),
    room.bhiv(['verify', 'rotten@v1', '--json']),
    room.bhiv(['fetch', 'rotten@v1', 'no']),
  ]);
  expect(plain.status).toBe(5);
  expect(plain.stdout).toContain('model.bin');
  expect(plain.stderr).toMatch(/^error: rotten@v1 is damaged: 1 problem/m);
  expect(JSON.parse(json.stdout).problems).toMatchObject([{ code: 'digest_mismatch', paths: ['model.bin'] }]);
  expect(JSON.parse(json.stderr).error).toMatchObject({ code: 'not_verified', exit_status: 5 });
  expect(fetched.status).toBe(5);
  expect(existsSync(room.at('no/model.bin'))).toBe(false);

  expect((await room.json(publish(run, 'rotten@v1', '--verify-packs'))).healed).toHaveLength(1);
  expect(await room.json(['verify', 'rotten@v1'])).toMatchObject({ problems: [] });
});

/** Changes a byte of the stored blob that begins with these bytes. */
function flipByteOf(start: Uint8Array): void {
  const blobs = readdirSync(join(room.dataDir, 'artifacts'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(room.dataDir, 'artifacts', name))
    .filter((path) => statSync(path).isFile());
  const path = blobs.find((path) => readFileSync(path).subarray(0, start.byteLength).equals(start));
  if (path === undefined) throw new Error('no blob begins like that');
  const bytes = readFileSync(path);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test('symbolic links are refused, and what is no manifest', async () => {
  room.write('linked/a.txt', 'a');
  symlinkSync('a.txt', room.at('linked/b.txt'));
  const linked = await room.bhiv(publish(room.at('linked'), 'linked@v1'));
  expect(linked).toMatchObject({ status: 1, stdout: '' });
  expect(linked.stderr).toContain('b.txt');
  await room.bhiv(['put', room.write('plain.txt', 'plain'), 'texts/plain@v1', '--source', 'test']);
  const { status, stderr } = await room.bhiv(['fetch', 'texts/plain@v1', 'plain-out']);
  expect(status).toBe(5);
  expect(stderr).toContain('no manifest');
});
