import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Room } from './helpers/room.ts';

let room: Room;

/** Three versions of llama, and one of whisper that was made from the first. */
beforeAll(async () => {
  room = await Room.open();
  const put = (name: string, ...options: string[]) =>
    room.json([
      ...['put', room.write(name, name), `models/${name}`, '--source', 'test', '--register'],
      ...options,
    ]);
  await put('llama@v1', '--meta', 'task=code', '--meta', 'accuracy=0.91', '--alias', 'production');
  await put('llama@v2', '--meta', 'task=code', '--meta', 'release=1.10', '--tag', 'candidate');
  await put('whisper@v1', '--parent', 'llama@v1', '--meta', 'task=speech');
  await put('llama@v3', '--parent', 'llama:production', '--parent', 'whisper@v1', '--by', 'tester-2');
});
afterAll(() => room.close());

const names = ({ versions }: { versions: { logical_id: string; version: string }[] }) =>
  versions.map(({ logical_id, version }) => `${logical_id}@${version}`);

test('ls lists the latest of each model, or the versions of one, newest first', async () => {
  const [all, llama, lama] = await Promise.all([
    room.json(['ls']),
    room.bhiv(['ls', 'llama']),
    room.bhiv(['ls', 'lama']),
  ]);
  expect(names(all)).toEqual(['llama@v3', 'whisper@v1']);
  expect(llama.stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['llama@v3', 'artifact', '8 B', expect.anything(), 'tester-2', ':latest'],
    ['llama@v2', 'artifact', '8 B', expect.anything(), 'tester-1', 'candidate'],
    ['llama@v1', 'artifact', '8 B', expect.anything(), 'tester-1', ':production'],
    [''],
  ]);
  expect(lama.status).toBe(3);
});

test('pages go on where they ended, and --all has all', async () => {
  const first = await room.json(['ls', 'llama', '--limit', '2']);
  expect(names(first)).toEqual(['llama@v3', 'llama@v2']);
  const [next, all, one, wrong] = await Promise.all([
    room.json(['ls', 'llama', '--limit', '2', '--cursor', first.cursor]),
    room.json(['ls', 'llama', '--limit', '1', '--all']),
    room.bhiv(['ls', 'llama', '--limit', '1']),
    room.bhiv(['ls', 'llama', '--cursor', 'none']),
  ]);
  expect({ names: names(next), cursor: next.cursor }).toEqual({ names: ['llama@v1'], cursor: null });
  expect(names(all)).toHaveLength(3);
  expect(one.stdout).toContain('--cursor');
  expect(wrong.status).toBe(2);
});

test('show tells all of one version, and what there is where it is not', async () => {
  const [{ stdout }, json, { status, stderr }, bare] = await Promise.all([
    room.bhiv(['show', 'llama:production']),
    room.json(['show', 'llama@v2']),
    room.bhiv(['show', 'llama:staging']),
    room.bhiv(['show', 'llama']),
  ]);
  expect(stdout).toMatch(/^version +llama@v1$/m);
  expect(stdout).toMatch(/^in Bucket +models\/llama@v1$/m);
  expect(stdout).toContain('  accuracy = 0.91\n');
  expect(json).toMatchObject({ metadata: { release: '1.10' }, aliases: [] });
  expect(status).toBe(3);
  expect(stderr).toContain('its aliases are "latest", "production"');
  expect(bare.status).toBe(2);
});

test('search finds by metadata, tags and names; nothing is no error', async () => {
  const found = async (...conditions: string[]) => names(await room.json(['search', ...conditions]));
  const all = await Promise.all([
    found('--where', 'task=code'),
    found('--where', 'task=code', '--where', 'accuracy=0.91'),
    found('--tag', 'candidate', '--prefix', 'll'),
    found('--registered-by', 'tester-2', '--latest'),
    found('--kind', 'manifest'),
  ]);
  expect(all).toEqual([['llama@v2', 'llama@v1'], ['llama@v1'], ['llama@v2'], ['llama@v3'], []]);
});

test('an alias moves only from where it is expected, and has a history', async () => {
  const conflict = await room.bhiv(['alias', 'set', 'llama', 'production', 'v3', '--expect', 'v2']);
  expect(conflict.status).toBe(4);
  expect(conflict.stderr).toContain('points at "v1"');
  const move = ['alias', 'set', 'llama', 'production', 'v2'];
  const moved = await room.bhiv([...move, '--expect', 'v1', '--by', 'release-job']);
  expect(moved).toMatchObject({ status: 0, stdout: 'llama:production: v1 → v2\n' });
  const [again, unknown, notNew] = await Promise.all([
    room.bhiv(move),
    room.bhiv(['alias', 'set', 'llama', 'canary', 'v9']),
    room.bhiv(['alias', 'set', 'llama', 'production', 'v1', '--expect-new']),
  ]);
  expect(again.stdout).toContain('already');
  expect([unknown.status, notNew.status]).toEqual([3, 4]);

  const [{ changes }, latest, nothing] = await Promise.all([
    room.json(['history', 'llama:production']),
    room.json(['history', 'llama']),
    room.bhiv(['history', 'llama:nothing']),
  ]);
  expect(changes).toMatchObject([
    { from: 'v1', to: 'v2', by: 'release-job' },
    { from: null, to: 'v1', by: 'tester-1' },
  ]);
  expect(latest.changes).toHaveLength(3);
  expect(nothing.status).toBe(3);

  expect((await room.bhiv(['alias', 'rm', 'llama', 'production', '--quiet'])).stdout).toBe('');
  const { aliases } = await room.json(['alias', 'ls', 'llama']);
  expect(aliases).toMatchObject([{ alias: 'latest', version: 'v3' }]);
});

test('tags come and go', async () => {
  expect(await room.json(['tag', 'add', 'llama@v1', 'b', 'a'])).toMatchObject({ tags: ['a', 'b'] });
  expect(await room.bhiv(['tag', 'rm', 'llama@v1', 'a', 'b'])).toMatchObject({
    stdout: 'llama@v1: no tags\n',
  });
});

test('lineage goes up and down', async () => {
  const { stdout } = await room.bhiv(['lineage', 'llama:latest']);
  expect(stdout).toBe('llama@v3  from llama@v1, whisper@v1\n  llama@v1\n  whisper@v1  from llama@v1\n');
  const down = await room.json(['lineage', 'llama@v1', '--down', '--depth', '1']);
  expect(down).toMatchObject({ direction: 'down', nodes: [{ depth: 0 }, { depth: 1 }, { depth: 1 }] });
});

test('reconcile tells of rows without bytes, and offers what has no row', async () => {
  await room.json(['put', room.write('extra', 'extra'), 'models/whisper@v2', '--source', 'test']);
  const offered = await room.bhiv(['reconcile', '--model', 'whisper']);
  expect(offered.status).toBe(0);
  expect(offered.stdout).toMatch(/^unregistered: models\/whisper v2 is in Bucket and in no row/);
  expect(await room.json(['reconcile', '--model', 'whisper', '--register'])).toMatchObject({ registered: 1 });
  expect(await room.json(['show', 'whisper:latest'])).toMatchObject({ version: 'v2' });
  // Bucket never deletes; a disk that was lost does
  rmSync(join(room.dataDir, 'artifacts/refs/models/whisper/v2.json'));
  const { status, stdout, stderr } = await room.bhiv(['reconcile', '--json']);
  expect(status).toBe(5);
  expect(JSON.parse(stdout)).toMatchObject({
    missing: 1,
    findings: [{ kind: 'missing', row: { version: 'v2' } }],
  });
  expect(JSON.parse(stderr).error).toMatchObject({ code: 'not_verified' });
});

test('a registry that is not there is not made by looking for it', async () => {
  const { status, stderr } = await room.bhiv(['ls', '--registry', 'typo.db']);
  expect(status).toBe(3);
  expect(stderr).toContain(`There is no registry at ${room.at('typo.db')}`);
});
