#!/usr/bin/env node
// The one way to start, test and show this repository. Needs Node with npm and nothing else: it fetches the
// pnpm that package.json names through npx, installs, builds, and then does what its verb says.
//
//   node scripts/run.mjs start | test | engines | demo | bench [args] | soak [args]
//   node scripts/run.mjs serve     start, for what is already installed and built
import { StepFailed } from './lib/step.mjs';
import { bench, demo, soak } from './verbs/built.mjs';
import { engines } from './verbs/engines.mjs';
import { serve, start } from './verbs/start.mjs';
import { test } from './verbs/test.mjs';

const VERBS = { start, test, engines, demo, bench, soak, serve: () => serve(process.env) };

const [name, ...args] = process.argv.slice(2);
const verb = Object.hasOwn(VERBS, name ?? '') ? VERBS[name] : undefined;
if (verb === undefined) {
  console.error(`"${name ?? ''}" is nothing that can be run; use one of: ${Object.keys(VERBS).join(', ')}`);
  process.exit(2);
}

try {
  process.exitCode = (await verb(args)) ?? 0;
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = error.status;
}
