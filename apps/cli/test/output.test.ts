import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EXIT, exitStatusOf } from '../src/core/exit-status.ts';
import { bhiv } from './helpers/bhiv.ts';
import { Room } from './helpers/room.ts';

let room: Room;
beforeAll(async () => {
  room = await Room.open();
});
afterAll(() => room.close());

const WRONG: [string[], RegExp][] = [
  [['pot'], /unknown command 'pot' \(Did you mean put\?\)/],
  [['head'], /missing required argument/],
  [['head', 'a/b@v1', 'more'], /too many arguments/],
  [['head', 'a/b'], /"a\/b" does not name a version in Bucket: write bucket\/artifact@version/],
  [['head', 'a/../x@v1'], /does not name a version/],
  [['head', 'a/b@.'], /version is "\." but must be/],
  [['versions', 'b'], /write bucket\/artifact/],
  [['put', 'x', 'a/b@v1'], /--source is missing/],
  [['put', '.', 'a/b@v1', '--source', 'x'], /is a folder: store it with bhiv publish/],
  [['put', 'x', 'a/b@v1', '--source', 'unknown'], /must say who or what it was/],
  [['put', 'x', 'a/b@v1', '--source', 'x', '--max-bytes', '5GB'], /number of bytes/],
  [['ls', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\)/],
  [['ls', '--limit', '0'], /whole number from 1 to 500/],
  [['alias', 'set', 'a', 'b', 'c', '--expect', 'd', '--expect-new'], /cannot be used with/],
  [['completion', 'tcsh'], /bash, zsh, fish/],
  [['stats', '--url', 'here'], /--url is "here": give http/],
];

test('wrong use ends with 2, and says what is wrong', async () => {
  const all = await Promise.all(WRONG.map(([args]) => room.bhiv(args)));
  for (const [index, { status, stdout, stderr }] of all.entries()) {
    const [args, words] = WRONG[index] ?? [];
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' });
    expect(stderr).toMatch(words ?? '');
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  }
});

test('a command that is missing is an error like all with --json', async () => {
  const { status, stdout, stderr } = await bhiv(['alias', '--json']);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(JSON.parse(stderr).error).toMatchObject({ code: 'wrong_use', message: 'a command is missing.' });
});

test('an error is two lines at the most, one JSON document with --json, and has a stack with --debug alone', async () => {
  const command = ['head', 'no/thing@v1'];
  const [plain, json, debug] = await Promise.all([
    room.bhiv(command),
    room.bhiv([...command, '--json']),
    room.bhiv([...command, '--debug']),
  ]);
  expect(plain.stderr).toBe('error: Bucket has no artifact no/thing: look at the names.\n');
  expect(json.stdout).toBe('');
  expect(JSON.parse(json.stderr)).toEqual({
    error: {
      code: 'artifact_not_found',
      message: 'Bucket has no artifact no/thing: look at the names.',
      exit_status: 3,
      details: { bucketId: 'no', artifactId: 'thing', version: 'v1' },
    },
  });
  expect(debug.stderr).toMatch(/^CliError: Bucket has no artifact.*\n +at /m);
  expect(plain.stderr).not.toContain('    at ');
});

test('in a pipe progress is a line, on stderr; --quiet and --json leave it out', async () => {
  const put = ['put', room.write('file', 'x'.repeat(100_000)), 'files/file@v1', '--source', 'test'];
  const { stdout, stderr } = await room.bhiv(put);
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).toMatch(/^sending: 97.7 KiB in \d+\.\d s, .*\/s, file\n$/);
  expect(`${stdout}${stderr}`).not.toContain('\u001b');
  expect(await room.bhiv([...put, '--quiet'])).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
  expect((await room.bhiv([...put, '--json', '-q'])).stdout).toContain('"already_stored": true');
});

test('whoever has read enough may go', async () => {
  const running = room.start(['--help']);
  running.process.stdout?.destroy();
  expect(await running.ended).toMatchObject({ status: 0, stderr: '' });
});

test('a status has one meaning', () => {
  expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length);
  expect(exitStatusOf('version_exists')).toBe(4);
  expect(exitStatusOf('disk_full')).toBe(1);
  expect(exitStatusOf('constructor')).toBe(1);
});
