import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mustRun, run } from '../src/packaging/run.ts';
import { installInto, packAll } from '../src/packaging/tarballs.ts';

const fixtures = fileURLToPath(new URL('../fixtures/packaging/', import.meta.url));

let folder: string;
let project: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bhiv-packaging-'));
  project = join(folder, 'project');
  const { registry, client, contracts } = await packAll(folder);
  // Compiles better-sqlite3, which takes a minute.
  await installInto(project, [registry, client, contracts]);
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['The registry', 'Publishing and fetching'])(
  'the example of "%s" in the README of the tarball prints what it says',
  async (heading) => {
    const readme = await readFile(join(project, 'node_modules/@bhiv/artifact-registry/README.md'), 'utf8');
    const section = readme.slice(readme.indexOf(`## ${heading}\n`));
    const [, code = ''] = /```js\n(.*?)```/s.exec(section) ?? [];
    const [, printed] = /```text\n(.*?)```/s.exec(section) ?? [];
    await writeFile(join(project, 'example.mjs'), code);
    const { stdout, stderr } = await run(process.execPath, ['example.mjs'], { cwd: project });
    expect({ stdout, stderr }).toEqual({ stdout: printed, stderr: '' });
  },
  60_000,
);

test('the scripts of its threads are found under their own names', async () => {
  const program = `for (const name of ['sqlite-worker', 'transfer-worker'])
    console.log(import.meta.resolve('@bhiv/artifact-registry/' + name));`;
  const stdout = await mustRun(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: project,
  });
  expect(stdout).toMatch(/stores\/sqlite\/worker\.js\n.*thread\/worker\.js\n$/);
});

test('the client fits as its transport, in a strict project under nodenext', async () => {
  await copyFile(join(fixtures, 'use-registry.mts'), join(project, 'use-registry.mts'));
  const compilerOptions = {
    ...{ module: 'nodenext', target: 'es2023', strict: true, noEmit: true, skipLibCheck: false },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, types: ['node'] },
  };
  const files = ['use-registry.mts'];
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  await mustRun('npm', ['install', '--no-audit', '--no-fund', 'typescript@7.0.2', '@types/node@20'], {
    cwd: project,
  });
  const { code, stdout } = await run('npx', ['tsc', '-p', '.'], { cwd: project });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
}, 120_000);
