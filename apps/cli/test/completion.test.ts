import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { bhiv } from './helpers/bhiv.ts';
import { testWhere } from './helpers/test-where.ts';

const folder = mkdtempSync(join(tmpdir(), 'bhiv-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const script = (shell: string) => join(folder, shell);
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, stdout } = await bhiv(['completion', shell]);
    expect(status).toBe(0);
    writeFileSync(script(shell), stdout);
  }
});

describe('in bash', () => {
  /** What bash offers behind these words; the last one is being typed. */
  function offered(...words: string[]): string[] {
    const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bhiv; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', program, 'bash', script('bash'), ...words], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((word) => word !== '');
  }

  testWhere('bash', 'commands, their commands and options are completed', () => {
    expect(offered('bhiv', 'p')).toEqual(['put', 'publish']);
    expect(offered('bhiv', '')).toContain('reconcile');
    expect(offered('bhiv', 'alias', '')).toEqual(['set', 'rm', 'ls']);
    expect(offered('bhiv', '--json', 'alias', 'set', '--expect')).toEqual(['--expect', '--expect-new']);
    expect(offered('bhiv', 'publish', './run', '--b')).toEqual(['--bucket', '--by']);
    expect(offered('bhiv', 'ls', '--j')).toEqual(['--json']);
  });

  testWhere('bash', 'a file name is for bash itself to complete', () => {
    expect(offered('bhiv', 'put', './')).toEqual([]);
    const { stdout } = spawnSync('bash', ['-c', 'source "$1"; complete -p bhiv', 'bash', script('bash')]);
    expect(String(stdout)).toMatch(/-o default .*-F _bhiv bhiv/);
  });
});

testWhere('zsh', 'the script of zsh is one that zsh reads', () => {
  const { status, stderr } = spawnSync('zsh', ['-n', script('zsh')], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

testWhere('fish', 'fish completes commands and options', () => {
  const offered = (line: string) =>
    spawnSync('fish', ['-N', '-c', `source ${script('fish')}; complete -C '${line}'`], { encoding: 'utf8' })
      .stdout;
  expect(offered('bhiv pub')).toMatch(/^publish\t/m);
  expect(offered('bhiv alias s')).toMatch(/^set\t/m);
  expect(offered('bhiv alias set --expect-')).toMatch(/^--expect-new\t/m);
});
