// freeze.lock.json pins every released file by its SHA-256.
//   node dist/scripts/freeze.js --check          ends with status 1 when a released file is not what its pin says
//   node dist/scripts/freeze.js --release v1.1   adds the pins of a new version; it never changes an existing one
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder, readIfThere } from './lib/files.ts';
import { differences, frozenVersions, type Pins, withRelease } from './lib/freeze.ts';

const path = join(packageFolder, 'freeze.lock.json');
const pins: Pins = JSON.parse(readIfThere(path) ?? '{}');
const [mode, version] = process.argv.slice(2);

if (mode === '--check') {
  const changed = differences(packageFolder, pins);
  for (const line of changed) console.error(line);
  if (changed.length > 0 || Object.keys(pins).length === 0) process.exitCode = 1;
  else
    console.log(
      `${Object.keys(pins).length} released files of ${frozenVersions(pins).join(', ')} are unchanged`,
    );
} else if (mode === '--release' && version !== undefined) {
  writeFileSync(path, `${JSON.stringify(withRelease(packageFolder, pins, version), null, 2)}\n`);
  console.log(`${version} is released: commit freeze.lock.json with its files`);
} else {
  console.error('usage: freeze --check | freeze --release v<major>.<minor>|<format>-v<number>');
  process.exitCode = 2;
}
