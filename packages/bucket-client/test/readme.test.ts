import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { bucket, cleanUp } from './support.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Runs the README's n-th JavaScript block as its reader would, against the Bucket at `url`, its files in `files`. */
async function runBlock(n: number, url: string, files = ''): Promise<string> {
  const blocks = [...readme.matchAll(/```js[^\n]*\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  const code = (blocks[n] ?? '')
    .replace('http://127.0.0.1:8001', url)
    .replaceAll(/'(\w+\.safetensors)'/g, `'${files}/$1'`);
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], {
    cwd: folder,
  });
  expect(stderr).toBe('');
  return stdout;
}

test('the first example writes two events and ends by itself', async () => {
  const server = await bucket();
  await runBlock(0, server.url);
  expect(server.events.map((event) => event.event_type).sort()).toEqual(['agent_result', 'rl_outcome']);
});

test('the example of artifacts uploads, downloads, and meets a conflict', async () => {
  const server = await bucket();
  const path = join(mkdtempSync(join(tmpdir(), 'bhiv-client-')), 'model.safetensors');
  cleanUp(() => rmSync(dirname(path), { recursive: true }));
  writeFileSync(path, 'weights');
  const [first, second] = (await runBlock(1, server.url, dirname(path))).split('\n');
  expect(first).toMatch(/^sha256:[0-9a-f]{64} 7 false$/);
  expect(second).toMatch(/^prod-models\/llama-3-8b v3\.1\.0 is stored already, with other bytes/);
  expect(readFileSync(join(dirname(path), 'copy.safetensors'), 'utf8')).toBe('weights');
});

test('the example for tests of one’s own runs', async () => {
  expect(await runBlock(2, '')).toBe('tested\n');
});
