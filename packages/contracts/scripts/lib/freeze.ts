import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The SHA-256 (hex) of each released file, by its path from the package. */
export type Pins = Readonly<Record<string, string>>;

/** The folders that a release pins: what is valid, and the vectors that show it. */
const RELEASED = ['schemas', 'vectors'];

/** The pins that the files of `schemas/<version>` and `vectors/<version>` would get now, in the order of their paths. */
export function pinsOf(packageFolder: string, version: string): Pins {
  const files = RELEASED.flatMap((folder) => filesIn(packageFolder, `${folder}/${version}`)).sort();
  return Object.fromEntries(
    files.map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(packageFolder, file)))
        .digest('hex'),
    ]),
  );
}

/** The paths from the package of all files below a folder; none where there is no such folder. */
function filesIn(packageFolder: string, folder: string): string[] {
  const path = join(packageFolder, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(packageFolder.length + 1));
}

/** The versions that have pins. */
export function frozenVersions(pins: Pins): string[] {
  return [...new Set(Object.keys(pins).map((file) => file.split('/')[1] ?? ''))];
}

/** What differs between the pins and the files: each file that changed, is gone, or came into a released folder. */
export function differences(packageFolder: string, pins: Pins): string[] {
  const found: Pins = Object.assign(
    {},
    ...frozenVersions(pins).map((version) => pinsOf(packageFolder, version)),
  );
  return [...new Set([...Object.keys(pins), ...Object.keys(found)])].sort().flatMap((file) => {
    if (found[file] === pins[file]) return [];
    if (found[file] === undefined) return [`${file} is released and gone: bring it back`];
    if (pins[file] === undefined)
      return [`${file} was added to a released version: it belongs in the next minor`];
    return [`${file} is released and was changed: undo that, and put the change into the next minor`];
  });
}

/**
 * The pins with those of a new version added. Throws where that would touch what is released: the version has pins
 * already, or a pinned file is not what its pin says.
 */
export function withRelease(packageFolder: string, pins: Pins, version: string): Pins {
  if (!/^(v\d+\.\d+|[a-z]+-v\d+)$/.test(version))
    throw new Error(`${version} is no version: give one such as v1.1 or manifest-v1`);
  if (frozenVersions(pins).includes(version)) {
    throw new Error(`${version} is released already: its files never change, put them into the next minor`);
  }
  const changed = differences(packageFolder, pins);
  if (changed.length > 0) throw new Error(changed.join('\n'));
  return { ...pins, ...pinsOf(packageFolder, version) };
}
