import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { LOG_LEVELS, readConfig } from '../src/config.ts';
import { spawnProgram, startBucketProcess } from './helpers/spawn-bucket.ts';
import { tempFolder } from './helpers/temp-folder.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

function codeBlock(language: string, containing = ''): string {
  const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))];
  const code = blocks.map(([, text]) => text).find((text) => text?.includes(containing));
  if (code === undefined) throw new Error(`the README has no ${language} example`);
  return code;
}

const hasTools = ['curl', 'sha256sum'].every((tool) => spawnSync(tool, ['--version']).status === 0);
if (!hasTools) console.log('skipped: the curl example of the README (needs curl and sha256sum)');

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

  (hasTools ? test : test.skip)('the commands for an artifact work as they stand there', async () => {
    const { folder, remove } = await tempFolder();
    const bucket = await startBucketProcess(join(folder, 'data'));
    const bytes = randomBytes(2_000_000);
    await writeFile(join(folder, 'model.safetensors'), bytes);
    const commands = codeBlock('sh', 'curl -T').replace(
      'http://127.0.0.1:8001',
      `http://127.0.0.1:${bucket.port}`,
    );
    const { stdout } = await promisify(execFile)('sh', ['-ec', commands], { cwd: folder });
    expect(stdout).toMatch(/^\{"bucket_id":"prod-models".*\{"versions":\[\{"version":"v3\.1\.0"/s);
    expect((await readFile(join(folder, 'copy.safetensors'))).equals(bytes)).toBe(true);
    expect((await readFile(join(folder, 'first.part'))).equals(bytes.subarray(0, 1024))).toBe(true);
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
