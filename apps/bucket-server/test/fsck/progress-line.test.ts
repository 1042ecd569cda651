import { expect, test } from '@jest/globals';
import { ProgressLine } from '../../src/fsck/progress-line.ts';

const PROGRESS = { phase: 'blobs', blobs: 12, bytes: 3_400_000_000, artifacts: 0 } as const;
const TEXT = 'blobs: 12 blobs, 3.4 GB read, 0 artifacts';

function output(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) };
}

test('on a terminal: one line, written over, and gone at the end', () => {
  const terminal = output(true);
  const line = new ProgressLine(terminal);
  line.show(PROGRESS);
  line.clear();
  line.clear();
  expect(terminal.written).toEqual([`\r\u001b[K${TEXT}`, '\r\u001b[K']);
});

test('elsewhere: a line now and then', () => {
  const file = output(false);
  new ProgressLine(file).show(PROGRESS);
  expect(file.written).toEqual([]);
  const line = new ProgressLine(file, 0);
  line.show(PROGRESS);
  line.clear();
  expect(file.written).toEqual([`${TEXT}\n`]);
});
