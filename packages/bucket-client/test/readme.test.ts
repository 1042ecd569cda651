import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { bucket } from './support.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Runs the README's n-th JavaScript block as its reader would, against the Bucket at `url`. */
async function runBlock(n: number, url: string): Promise<string> {
  const blocks = [...readme.matchAll(/```js[^\n]*\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  const code = (blocks[n] ?? '').replace('http://127.0.0.1:8001', url);
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

test('the example for tests of one’s own runs', async () => {
  expect(await runBlock(1, '')).toBe('tested\n');
});
