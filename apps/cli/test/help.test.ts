import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { EXIT } from '../src/core/exit-status.ts';
import { bhiv, type Ended } from './helpers/bhiv.ts';

const REFERENCE = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

const COMMANDS = [
  ...['put', 'get', 'versions', 'head', 'publish', 'fetch', 'verify', 'ls', 'show', 'history', 'search'],
  ...['alias set', 'alias rm', 'alias ls', 'tag add', 'tag rm', 'lineage', 'reconcile'],
  ...['events', 'stats', 'doctor', 'completion'],
];

let main: Ended;
let helps: Ended[];
beforeAll(async () => {
  [main, ...helps] = await Promise.all([
    bhiv(['--help']),
    ...COMMANDS.map((name) => bhiv([...name.split(' '), '--help'])),
  ]);
});

test('every command has help, with examples', () => {
  for (const [index, { status, stdout, stderr }] of helps.entries()) {
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Usage: bhiv ${COMMANDS[index]} `);
    expect(stdout).toMatch(new RegExp(`Examples:\\n  \\$ (.* )?bhiv ${COMMANDS[index]}`));
    expect(stdout).toContain('--json');
  }
});

test('help lists all commands; without any it is wrong use', async () => {
  const { status, stdout } = main;
  expect(status).toBe(0);
  const listed = [...stdout.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name);
  expect(listed).toEqual([...new Set(COMMANDS.map((name) => name.split(' ')[0])), 'help']);
  const [bare, version] = await Promise.all([bhiv([]), bhiv(['--version'])]);
  expect(bare).toMatchObject({ status: 2, stdout: '', stderr: stdout });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('the reference has every command with all its options', () => {
  const options = [main, ...helps].flatMap(({ stdout }) => {
    const [own = ''] = stdout.split('\nGlobal Options:');
    return [...own.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name = '']) => name);
  });
  expect(options.length).toBeGreaterThan(50);
  for (const option of new Set(options)) {
    if (['--help', '--version'].includes(option)) continue;
    expect({ option, isThere: REFERENCE.includes(option) }).toEqual({ option, isThere: true });
  }
  for (const name of COMMANDS) expect(REFERENCE).toMatch(new RegExp(`\\bbhiv ${name}\\b`));
});

test('the reference has every exit status', () => {
  const statuses = [...REFERENCE.matchAll(/^\| (\d+) \|/gm)].map(([, status]) => Number(status));
  expect(statuses).toEqual(Object.values(EXIT));
});
