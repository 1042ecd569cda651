import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tempFolder } from './helpers/stores.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

let folder: string;
let remove: () => Promise<void>;

/** A folder of a user who has installed the package. */
beforeEach(async () => {
  ({ folder, remove } = await tempFolder());
  await mkdir(join(folder, 'node_modules', '@bhiv'), { recursive: true });
  await symlink(PACKAGE, join(folder, 'node_modules', '@bhiv', 'artifact-registry'));
});
afterEach(() => remove());

async function run(code: string): Promise<string> {
  await writeFile(join(folder, 'example.mjs'), code);
  const { stdout } = await promisify(execFile)(process.execPath, ['example.mjs'], {
    cwd: folder,
    timeout: 20_000,
  });
  return stdout;
}

test('the example of the registry in README.md prints what it says', async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const section = readme.slice(readme.indexOf('## The registry'));
  const [, code = ''] = /```js\n(.*?)```/s.exec(section) ?? [];
  const [, output] = /```text\n(.*?)```/s.exec(section) ?? [];
  expect(await run(code)).toBe(output);
});

test('a process ends by itself with a registry open, and what it was told stands', async () => {
  const open = `
    import { openRegistry, openSqliteStore } from '@bhiv/artifact-registry';
    const workerUrl = new URL(import.meta.resolve('@bhiv/artifact-registry/sqlite-worker'));
    const registry = openRegistry({ store: await openSqliteStore({ path: 'r.db', workerUrl }), actor: 'job-1' });
    console.log((await registry.getLatest('a'))?.version);
  `;
  const register = `
    const names = { logicalId: 'a', version: 'v1', bucketId: 'b', artifactId: 'a' };
    await registry.registerVersion({ ...names, digest: 'sha256:${'0'.repeat(64)}', sizeBytes: 0 });
  `;
  expect(await run(open + register)).toBe('undefined\n');
  expect(await run(open)).toBe('v1\n');
});
