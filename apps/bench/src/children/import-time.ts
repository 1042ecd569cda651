// A cold process that imports one package and tells how long that took (ms).
import { perform, type Task } from '../processes/child.ts';
import { IMPORTS, type ImportName } from './imports.ts';

export type ImportTime = Task<{ readonly name: ImportName }, number>;

await perform<ImportTime>(async ({ name }) => {
  const start = performance.now();
  await IMPORTS[name]();
  return performance.now() - start;
});
