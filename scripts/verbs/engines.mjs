import { step } from '../lib/step.mjs';
import { installAndBuild } from '../lib/tools.mjs';
import { Totals } from '../lib/totals.mjs';

/**
 * What `npm test` leaves out, since it needs something installed: the contract's vectors in Python, faults of disks and
 * kernels (strace, a tmpfs), Buckets in Python, and the packed packages. Debian's names of what it needs are in
 * `.ci/run`. Where something is missing a suite skips and says so; with `CI=true` it fails.
 */
export async function engines() {
  const tools = await installAndBuild();
  const totals = new Totals();
  const read = { onLine: (line) => totals.readJest(line) };
  const turbo = ['--concurrency=1', '--output-logs=full', '--log-order=grouped', '--log-prefix=task'];
  try {
    await step('vectors in Python', '/usr/bin/python3', ['packages/contracts/python/check_vectors.py'], {
      onLine: (line) => totals.readPlain(line),
    });
    await tools.turbo('engine suites', ['run', 'engine', ...turbo], read);
    await tools.turbo('packed packages', ['run', 'packaging', ...turbo], read);
  } finally {
    console.log(`\n${totals}`);
  }
}
