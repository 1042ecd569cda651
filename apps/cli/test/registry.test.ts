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
      'put',
      room.write(name, name),
      `models/${name}`,
      '--source',
      'test',
      '--register',
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
  expect(names(await room.json(['ls']))).toEqual(['llama@v3', 'whisper@v1']);
  const { stdout } = await room.bhiv(['ls', 'llama']);
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['llama@v3', 'artifact', '8 B', expect.anything(), 'tester-2', ':latest'],
    ['llama@v2', 'artifact', '8 B', expect.anything(), 'tester-1', 'candidate'],
    ['llama@v1', 'artifact', '8 B', expect.anything(), 'tester-1', ':production'],
    [''],
  ]);
  expect((await room.bhiv(['ls', 'lama'])).status).toBe(3);
});

test('pages go on where they ended, and --all has all', async () => {
  const first = await room.json(['ls', 'llama', '--limit', '2']);
  expect(names(first)).toEqual(['llama@v3', 'llama@v2']);
  const next = await room.json(['ls', 'llama', '--limit', '2', '--cursor', first.cursor]);
  expect({ names: names(next), cursor: next.cursor }).toEqual({ names: ['llama@v1'], cursor: null });
  expect(names(await room.json(['ls', 'llama', '--limit', '1', '--all']))).toHaveLength(3);
  expect((await room.bhiv(['ls', 'llama', '--limit', '1'])).stdout).toContain('--cursor');
  expect((await room.bhiv(['ls', 'llama', '--cursor', 'none'])).status).toBe(2);
});

test('show tells all of one version, and what there is where it is not', async () => {
  const { stdout } = await room.bhiv(['show', 'llama:production']);
  expect(stdout).toMatch(/^version +llama@v1$/m);
  expect(stdout).toMatch(/^in Bucket +models\/llama@v1$/m);
  expect(stdout).toContain('  accuracy = 0.91\n');
  expect(await room.json(['show', 'llama@v2'])).toMatchObject({ metadata: { release: '1.10' }, aliases: [] });
  const { status, stderr } = await room.bhiv(['show', 'llama:staging']);
  expect(status).toBe(3);
  expect(stderr).toContain('its aliases are "latest", "production"');
  expect((await room.bhiv(['show', 'llama'])).status).toBe(2);
});

test('search finds by metadata, tags and names; nothing is no error', async () => {
  expect(names(await room.json(['search', '--where', 'task=code']))).toEqual(['llama@v2', 'llama@v1']);
  const accurate = ['search', '--where', 'task=code', '--where', 'accuracy=0.91'];
  expect(names(await room.json(accurate))).toEqual(['llama@v1']);
  expect(names(await room.json(['search', '--tag', 'candidate', '--prefix', 'll']))).toEqual(['llama@v2']);
  expect(names(await room.json(['search', '--registered-by', 'tester-2', '--latest']))).toEqual(['llama@v3']);
  expect(await room.bhiv(['search', '--kind', 'manifest'])).toMatchObject({ status: 0, stdout: '' });
});

test('an alias moves only from where it is expected, and has a history', async () => {
  const conflict = await room.bhiv(['alias', 'set', 'llama', 'production', 'v3', '--expect', 'v2']);
  expect(conflict.status).toBe(4);
  expect(conflict.stderr).toContain('points at "v1"');
  const moved = await room.bhiv([
    'alias',
    'set',
    'llama',
    'production',
    'v2',
    '--expect',
    'v1',
    '--by',
    'release-job',
  ]);
  expect(moved).toMatchObject({ status: 0, stdout: 'llama:production: v1 → v2\n' });
  expect((await room.bhiv(['alias', 'set', 'llama', 'production', 'v2'])).stdout).toContain('already');
  expect((await room.bhiv(['alias', 'set', 'llama', 'canary', 'v9'])).status).toBe(3);
  expect((await room.bhiv(['alias', 'set', 'llama', 'production', 'v1', '--expect-new'])).status).toBe(4);

  const { changes } = await room.json(['history', 'llama:production']);
  expect(changes).toMatchObject([
    { from: 'v1', to: 'v2', by: 'release-job' },
    { from: null, to: 'v1', by: 'tester-1' },
  ]);
  expect((await room.json(['history', 'llama'])).changes).toHaveLength(3);
  expect((await room.bhiv(['history', 'llama:nothing'])).status).toBe(3);

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
