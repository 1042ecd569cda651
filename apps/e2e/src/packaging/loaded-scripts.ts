import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './run.ts';

/** The URLs of every script, of any module system, that Node loads to run `program` in `cwd`. */
export async function loadedScripts(node: string, program: string, cwd: string): Promise<string[]> {
  const folder = await mkdtemp(join(cwd, 'coverage-'));
  await mustRun(node, ['--input-type=module', '--eval', program], { cwd, env: { NODE_V8_COVERAGE: folder } });
  const names = await readdir(folder);
  const reports = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const scripts = reports.flatMap((text) => JSON.parse(text).result as { url: string }[]); // V8's coverage format
  return scripts.map(({ url }) => url);
}
