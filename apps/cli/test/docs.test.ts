import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { EXIT } from '../src/core/exit-status.ts';
import { bhiv } from './helpers/bhiv.ts';

const REFERENCE = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

/** The commands and the options that a help lists. */
function listed(help: string): { commands: string[]; options: string[] } {
  const [before = ''] = help.split('\nGlobal Options:');
  return {
    commands: [...help.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name = '']) => name),
    options: [...before.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name = '']) => name),
  };
}

test('the reference has every command with all its options', async () => {
  const { stdout } = await bhiv(['--help']);
  const { commands, options } = listed(stdout);
  expect(commands).toHaveLength(20);
  const helps = await Promise.all(
    commands.filter((name) => name !== 'help').map(async (name) => (await bhiv([name, '--help'])).stdout),
  );
  const all = [...options, ...helps.flatMap((help) => listed(help).options)];
  for (const option of new Set(all)) {
    if (['--help', '--version'].includes(option)) continue;
    expect({ option, isThere: REFERENCE.includes(option) }).toEqual({ option, isThere: true });
  }
  for (const name of commands.filter((name) => name !== 'help')) {
    expect(REFERENCE).toMatch(new RegExp(`\\bbhiv ${name}\\b`));
  }
});

test('the reference has every exit status', () => {
  const statuses = [...REFERENCE.matchAll(/^\| (\d+) \|/gm)].map(([, status]) => Number(status));
  expect(statuses).toEqual(Object.values(EXIT));
});
