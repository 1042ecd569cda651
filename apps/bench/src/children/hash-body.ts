// Hashes a body on one core, and tells how long that took (ms).
import { type Body, sha256Of } from '../load/body.ts';
import { perform, type Task } from '../processes/child.ts';

export type HashBody = Task<Body, number>;

await perform<HashBody>(async (body) => {
  const start = performance.now();
  sha256Of(body);
  return performance.now() - start;
});
