// Writes a file as people publish it, durable, so that nobody who is timed later pays for its writing. Gives its size.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { type ModelFile, piecesOfModel } from '../load/model-file.ts';
import { perform, type Task } from '../processes/child.ts';

export type WriteModel = Task<{ readonly path: string; readonly model: ModelFile }, number>;

await perform<WriteModel>(async ({ path, model }) => {
  const descriptor = openSync(path, 'w');
  let bytes = 0;
  for (const piece of piecesOfModel(model)) {
    for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done);
    bytes += piece.length;
  }
  fsyncSync(descriptor);
  closeSync(descriptor);
  return bytes;
});
