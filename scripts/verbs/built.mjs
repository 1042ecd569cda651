import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';
import { StepFailed, step } from '../lib/step.mjs';
import { installAndBuild } from '../lib/tools.mjs';

/** Core and Bucket at work, unattended, with Bucket killed half way. */
export const demo = (args) => runBuilt('demo', 'apps/e2e/dist/demo/main.js', args);

/** The benchmarks. */
export const bench = (args) => runBuilt('bench', 'apps/bench/dist/main.js', args);

/** Thousand-fold kill loops and the like. */
export const soak = (args) => runBuilt('soak', 'apps/e2e/dist/soak.js', args);

async function runBuilt(name, file, args) {
  const { env } = await installAndBuild();
  if (!existsSync(join(ROOT, file))) throw new StepFailed(name, 1, `the build made no ${file}`);
  await step(name, process.execPath, [file, ...args], { env });
}
