import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { LOG_LEVELS, readConfig } from '../src/config.ts';
import { spawnProgram, startBucketProcess } from './helpers/spawn-bucket.ts';
import { tempFolder } from './helpers/temp-folder.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

function codeBlock(language: string): string {
  const [, code] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(readme) ?? [];
  if (code === undefined) throw new Error(`the README has no ${language} example`);
  return code;
}

describe('README.md', () => {
  test('the example prints what it says', async () => {
    const { folder, remove } = await tempFolder();
    const bucket = await startBucketProcess(folder);
    const example = codeBlock('js').replace('http://127.0.0.1:8001', `http://127.0.0.1:${bucket.port}`);
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', example]);
    expect(stdout).toBe(codeBlock('text'));
    bucket.child.kill('SIGTERM');
    await bucket.ended;
    await remove();
  });

  test('README and --help name the same variables, and the program knows each of them', async () => {
    const namesIn = (text: string) =>
      [
        ...new Set(text.match(/^[|\s]*`?BUCKET_[A-Z_]+/gm)?.map((name) => name.replace(/[^A-Z_]/g, ''))),
      ].toSorted();
    const { stdout } = await spawnProgram({ args: ['--help'] }).ended;
    const names = namesIn(readme);
    expect(names).toEqual(namesIn(stdout));
    const { warnings } = readConfig(Object.fromEntries(names.map((name) => [name, ''])));
    expect(warnings).toEqual([]);
    for (const level of LOG_LEVELS) expect(readme).toContain(`\`${level}\``);
  });
});
