import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { BHIV } from './helpers/bhiv.ts';
import { randomBytes } from './helpers/bytes.ts';
import { Room } from './helpers/room.ts';
import { testWhere } from './helpers/test-where.ts';

/** Debian's own, where it is: one earlier in the PATH may be a script that looks for others. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const IN_TERMINAL = fileURLToPath(new URL('helpers/in-terminal.py', import.meta.url));

let room: Room;
beforeAll(async () => {
  room = await Room.open();
});
afterAll(() => room.close());

/** What the command shows on a terminal of 80 columns. */
async function shown(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(PYTHON, [IN_TERMINAL, process.execPath, BHIV, ...args], {
    cwd: room.path,
    env: { PATH: process.env.PATH, TERM: 'xterm', ...room.environment(env) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [status] = await once(child, 'close');
  return { status, text };
}

testWhere(PYTHON, 'a transfer shows a bar, which is gone at the end', async () => {
  const file = room.write('model.bin', randomBytes(40_000_000));
  const { status, text } = await shown(['put', file, 'models/llama@v1', '--source', 'test']);
  expect(status).toBe(0);
  const frames = text.split('\r').filter((frame) => frame.includes('['));
  expect(frames[0]).toMatch(/hashing {2}\[=* *\] {2} +\d+ % {2}[\d.]+ [KM]iB of 38.1 MiB/);
  expect(frames.some((frame) => frame.startsWith('sending'))).toBe(true);
  const [lastFrame, ...rest] = text.split('\r\u001b[K').at(-1)?.split('\r\n') ?? [];
  expect(lastFrame).toMatch(/^models\/llama@v1 stored: 38.1 MiB/);
  expect(rest).toEqual(['']);
  // no frame is wider than the terminal
  const sequence = new RegExp(`${'\u001b'}\\[[0-9;]*[A-Za-z]`, 'g');
  for (const line of frames) expect(line.replace(sequence, '').length).toBeLessThan(160);
});

testWhere(PYTHON, 'colours are shown, unless NO_COLOR is set; a dumb terminal gets lines', async () => {
  const missing = ['head', 'no/thing@v1'];
  const file = room.write('small.bin', 'x'.repeat(1000));
  const [coloured, plain, dumb] = await Promise.all([
    shown(missing),
    shown(missing, { NO_COLOR: '1' }),
    shown(['put', file, 'models/small@v1', '--source', 'test'], { TERM: 'dumb' }),
  ]);
  expect(coloured.text).toContain('\u001b[31merror:\u001b[39m Bucket has no artifact');
  expect(plain.text).toMatch(/^error: Bucket has no artifact/);
  expect(dumb.text).not.toContain('\u001b');
  expect(dumb.text).toMatch(/^sending: 1000 B in /);
});
