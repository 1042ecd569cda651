// Writes a body to a new file and makes it durable, and tells how long that took (ms).
import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Body, piecesOf } from '../load/body.ts';
import { perform, type Task } from '../processes/child.ts';

export type WriteBody = Task<{ readonly folder: string; readonly body: Body }, number>;

await perform<WriteBody>(async ({ folder, body }) => {
  const path = join(folder, 'body');
  const start = performance.now();
  const descriptor = openSync(path, 'wx');
  for (const piece of piecesOf(body)) writeWhole(descriptor, piece);
  fsyncSync(descriptor);
  const ms = performance.now() - start;
  closeSync(descriptor);
  unlinkSync(path);
  return ms;
});

function writeWhole(descriptor: number, piece: Buffer): void {
  for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done);
}
