import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FaultServer, startSwitchable } from '../src/faults/fault-server.ts';
import { loadedScripts } from '../src/packaging/loaded-scripts.ts';
import { mustRun, run } from '../src/packaging/run.ts';
import { installInto, packAll, type Tarballs } from '../src/packaging/tarballs.ts';

const fixtures = fileURLToPath(new URL('../fixtures/packaging/', import.meta.url));
const here = fileURLToPath(new URL('..', import.meta.url));
/** Runs a script of this package on a tarball. */
const inspect = (script: string, tarball: string) =>
  run('npm', ['run', '--silent', script, '--', tarball], { cwd: here });
const FIXTURES = ['use-esm.mjs', 'use-cjs.cjs', 'use-types.mts', 'use-types.cts'];
/** The URL that the README's example writes to. */
const README_URL = 'http://127.0.0.1:8001';

let folder: string;
let project: string;
let tarballs: Tarballs;
let bucket: FaultServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bhiv-packaging-'));
  project = join(folder, 'project');
  tarballs = await packAll(folder);
  await installInto(project, [tarballs.client, tarballs.contracts]);
  for (const name of FIXTURES) await copyFile(join(fixtures, name), join(project, name));
  bucket = await startSwitchable({ fault: (socket) => socket.destroy() });
  await bucket.heal();
}, 300_000);

afterAll(async () => {
  await bucket.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The Node that runs these tests, and the newest long-term one, from the package that carries its binary. */
const nodes = {
  'this Node': async () => process.execPath,
  'Node 24': async () => {
    const home = join(folder, 'node-24');
    await installInto(home, ['node@24']);
    return join(home, 'node_modules', 'node', 'bin', 'node');
  },
};

describe.each(Object.entries(nodes))('the tarballs of contracts and bucket-client under %s', (name, find) => {
  let node: string;
  beforeAll(async () => {
    node = await find();
  }, 300_000);

  test('are run by the version that the title says', async () => {
    const version = (await mustRun(node, ['--version'], { cwd: project })).trim();
    expect(version).toMatch(name === 'Node 24' ? /^v24\./ : new RegExp(`^${process.version}$`));
  });

  test.each(['use-esm.mjs', 'use-cjs.cjs'])('work from %s', async (file) => {
    const before = bucket.arrivals.length;
    await mustRun(node, [file, bucket.url], { cwd: project });
    expect(bucket.arrivals.length).toBe(before + 1);
  });

  test('write events with the example of the README', async () => {
    const readme = await readFile(join(project, 'node_modules/@bhiv/bucket-client/README.md'), 'utf8');
    const example = [...readme.matchAll(/```(?:js|ts)\n(.*?)```/gs)]
      .map(([, code = '']) => code)
      .find((code) => code.includes("from '@bhiv/bucket-client'"));
    expect(example).toContain(README_URL);
    await writeFile(join(project, 'example.mjs'), (example ?? '').replaceAll(README_URL, bucket.url));
    const before = bucket.arrivals.length;
    const { code, stderr } = await run(node, ['example.mjs'], { cwd: project });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(bucket.arrivals.length).toBeGreaterThan(before);
  });

  test('load neither Ajv nor artifact code with the client', async () => {
    const urls = await loadedScripts(node, "await import('@bhiv/bucket-client')", project);
    expect(urls.filter((url) => url.includes('@bhiv/bucket-client/dist/index.js'))).toHaveLength(1);
    expect(urls.filter((url) => /\/ajv|artifact/.test(url))).toEqual([]);
  });
});

test('compile in a strict project under nodenext, from ES modules and CommonJS', async () => {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  };
  const files = ['use-types.mts', 'use-types.cts'];
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  await mustRun('npm', ['install', '--no-audit', '--no-fund', 'typescript@7.0.2', '@types/node@20'], {
    cwd: project,
  });
  const { code, stdout } = await run('npx', ['tsc', '-p', '.'], { cwd: project });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
}, 120_000);

describe.each(['contracts', 'client', 'registry', 'server', 'cli'] as const)('the tarball of %s', (name) => {
  test('is clean for publint', async () => {
    const { code, stdout } = await inspect('publint', tarballs[name]);
    expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
  });
});

test.each(['contracts', 'client', 'registry'] as const)(
  'the types of %s resolve (attw, esm-only)',
  async (name) => {
    const { code, stdout } = await inspect('attw', tarballs[name]);
    expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' });
  },
  60_000,
);
