import { spawnSync } from 'node:child_process';
import { test } from '@jest/globals';

/** A test that needs a program of this machine; where that is missing it is skipped and says why, or in CI fails. */
export function testWhere(program: string, name: string, body: () => void | Promise<void>): void {
  if (process.env.CI || spawnSync(program, ['--version']).error === undefined) test(name, body);
  else {
    process.stderr.write(`skipped: ${name}: no ${program} here (Debian: apt-get install ${program})\n`);
    test.skip(`${name} (no ${program} here)`, body);
  }
}
