import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The folder of the package. Scripts run through its package.json, so it is where they start. */
export const packageFolder = process.cwd();

/** The names (`v1.0`) of all versions that have a folder of schemas, released or not, oldest first. */
export function schemaVersions(folder = join(packageFolder, 'schemas')): string[] {
  return readdirSync(folder)
    .filter((name) => /^v\d+\.\d+$/.test(name))
    .sort((a, b) => minorOf(a) - minorOf(b));
}

/** The names (`manifest-v1`) of the formats that are not part of the contract's versions, each with schemas of its own. */
export function formatVersions(folder = join(packageFolder, 'schemas')): string[] {
  return readdirSync(folder)
    .filter((name) => /^[a-z]+-v\d+$/.test(name))
    .sort();
}

function minorOf(version: string): number {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  return major * 1_000_000 + minor;
}

/** The text of a file, or null when there is none. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
      return null;
    throw error;
  }
}

/**
 * Writes a generated file; under `--check` it writes nothing and ends the process with status 1 when the file
 * on disk is not what would be written.
 */
export function writeOrCheck(path: string, content: string, check = process.argv.includes('--check')): void {
  const name = relative(packageFolder, path);
  if (readIfThere(path) === content) {
    console.log(`${name} is up to date`);
  } else if (check) {
    console.error(
      `${name} is not what its sources give: run \`npm run generate\` and look at the difference`,
    );
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    console.log(`${name} written`);
  }
}
