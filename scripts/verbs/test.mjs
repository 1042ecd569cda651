import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ROOT, workspaceManifests } from '../lib/paths.mjs';
import { StepFailed, step } from '../lib/step.mjs';
import { installAndBuild } from '../lib/tools.mjs';
import { Totals } from '../lib/totals.mjs';

/** Lint, types, room rules, unused code, generated files, and every test that needs no installed engine. */
export async function test() {
  const tools = await installAndBuild();
  // Biome colours its report even where no terminal is.
  const colours = process.stdout.isTTY ? [] : ['--colors=off'];
  await tools.exec('lint', ['biome', 'ci', ...colours, '.']);
  await tools.turbo('types and generated files', ['run', 'typecheck', 'check', '--output-logs=errors-only']);
  await tools.turbo('room rules', ['boundaries']);
  await tools.exec('unused code', ['knip']);

  const totals = new Totals();
  try {
    await testScripts(totals, tools);
    await testPackages(totals, tools);
  } finally {
    console.log(`\n${totals}`);
  }
}

async function testScripts(totals, { env }) {
  const files = readdirSync(join(ROOT, 'scripts/test')).map((file) => join('scripts/test', file));
  const args = ['--test', '--test-reporter=spec', ...files];
  await step('tests of scripts/', process.execPath, args, {
    env,
    onLine: (line) => totals.readNodeTest(line),
  });
}

async function testPackages(totals, tools) {
  const args = [
    ...['run', 'test', '--continue'],
    `--concurrency=${Math.min(availableParallelism(), 4)}`,
    ...['--output-logs=full', '--log-order=grouped', '--log-prefix=task'],
  ];
  await tools.turbo('tests', args, { onLine: (line) => totals.readJest(line) });
  const silent = workspaceManifests()
    .filter(({ name, scripts }) => scripts?.test !== undefined && !totals.packages.has(name))
    .map(({ name }) => name);
  if (silent.length > 0) throw new StepFailed('tests', 1, `no test result came from ${silent.join(', ')}`);
}
