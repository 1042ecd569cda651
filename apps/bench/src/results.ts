import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Measurement } from './measurement.ts';
import type { Result } from './result.ts';

const FOLDER = new URL('../generated/', import.meta.url);
const PAGE = new URL('../../../docs/benchmarks.md', import.meta.url);

const fileOf = (name: string) => new URL(`${name}.json`, FOLDER);

/** Keeps a result: the page is made of the last one of each measurement. */
export async function writeResult(result: Result): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(fileOf(result.name), `${JSON.stringify(result, null, 2)}\n`);
}

/** The results that are kept, in the order of the measurements; one that was never measured is left out. */
export async function readResults(measurements: readonly Measurement[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const { name } of measurements) {
    const text = await readFile(fileOf(name), 'utf8').catch(unlessMissing);
    if (text !== undefined) results.push(JSON.parse(text) as Result); // written by writeResult
  }
  return results;
}

export async function writePage(text: string): Promise<void> {
  await writeFile(PAGE, text);
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
