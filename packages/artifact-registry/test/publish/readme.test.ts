import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Room } from '../helpers/transfers.ts';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

let room: Room;
beforeEach(() => {
  room = new Room();
});
afterEach(() => room.remove());

test('the example of publishing in README.md prints what it says', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf('## Publishing and fetching'));
  const [, code = ''] = /```js\n(.*?)```/s.exec(section) ?? [];
  const [, printed] = /```text\n(.*?)```/s.exec(section) ?? [];
  mkdirSync(room.at('node_modules/@bhiv'), { recursive: true });
  symlinkSync(PACKAGE, room.at('node_modules/@bhiv/artifact-registry'));
  writeFileSync(room.at('example.mjs'), code);
  const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: room.path });
  expect(stdout).toBe(printed);
});
