// A cold process that imports one package and tells how long that took (ms).
import { perform, type Task } from '../processes/child.ts';

export type ImportTime = Task<{ readonly specifier: string }, number>;

await perform<ImportTime>(async ({ specifier }) => {
  const start = performance.now();
  await import(specifier);
  return performance.now() - start;
});
