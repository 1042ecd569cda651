import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { LogSink } from '../src/log-sink.ts';
import { tempFolder } from './helpers/temp-folder.ts';

let readEnd: number;
let writeEnd: number;
let remove: () => Promise<void>;

// A real pipe, both ends non-blocking: when it is full, writing fails with EAGAIN.
beforeEach(async () => {
  const temp = await tempFolder();
  remove = temp.remove;
  const fifo = join(temp.folder, 'pipe');
  execFileSync('mkfifo', [fifo]);
  readEnd = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  writeEnd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
});
afterEach(() => remove());

/** All bytes that are in the pipe now. */
function readAvailable(): Buffer {
  const pieces: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.alloc(65_536);
    try {
      const bytes = readSync(readEnd, buffer);
      if (bytes === 0) return Buffer.concat(pieces);
      pieces.push(buffer.subarray(0, bytes));
    } catch {
      return Buffer.concat(pieces); // EAGAIN: the pipe is empty
    }
  }
}

describe('LogSink', () => {
  test('writes whole lines in order, however slow the reader is', async () => {
    const sink = new LogSink(writeEnd, 1024 * 1024);
    const lines = Array.from({ length: 3000 }, (_, number) => `${number} ${'é'.repeat(50)}\n`);
    for (const line of lines) sink.write(line);
    expect(await sink.idle(150)).toBe(false);
    const pieces: Buffer[] = [];
    while (!(await sink.idle(20))) pieces.push(readAvailable());
    pieces.push(readAvailable());
    expect(Buffer.concat(pieces).toString()).toBe(lines.join(''));
    closeSync(readEnd);
    closeSync(writeEnd);
  });

  test('drops lines that do not fit any more, and goes on', async () => {
    const sink = new LogSink(writeEnd, 1000);
    sink.write('first\n');
    sink.write(`${'x'.repeat(1000)}\n`);
    sink.write('second\n');
    expect(await sink.idle(5000)).toBe(true);
    sink.write('third\n');
    expect(await sink.idle(5000)).toBe(true);
    expect(readAvailable().toString()).toBe('first\nsecond\nthird\n');
    closeSync(readEnd);
    closeSync(writeEnd);
  });

  test('is quiet when the reader has gone away', async () => {
    const sink = new LogSink(writeEnd, 1000);
    closeSync(readEnd);
    sink.write('nobody reads this\n');
    sink.write('nor this\n');
    expect(await sink.idle(5000)).toBe(true);
    sink.write('nor that\n');
    expect(await sink.idle(0)).toBe(true);
    closeSync(writeEnd);
  });
});
