// Proves that each minor is compatible with the one before it, and with itself: the comparison must at least
// understand every schema there is. Ends with status 1 when it cannot.

import { reasonsAgainstCompatibility } from './lib/compatibility.ts';
import { formatVersions, packageFolder, schemaVersions } from './lib/files.ts';
import { loadSchemas } from './lib/schemas.ts';

const versions = schemaVersions();
for (const [index, version] of versions.entries()) {
  for (const older of new Set([version, versions[index - 1] ?? version])) prove(older, version);
}
// A format has no minors: what changes it gets a new number, and a reader keeps the old schemas.
for (const version of formatVersions()) prove(version, version);
if (versions.length === 0) throw new Error(`there are no schemas in ${packageFolder}`);

function prove(older: string, newer: string): void {
  const reasons = reasonsAgainstCompatibility(loadSchemas(older), loadSchemas(newer));
  for (const reason of reasons) console.error(`${older} → ${newer}: ${reason}`);
  if (reasons.length > 0) process.exitCode = 1;
  else console.log(`${older} → ${newer} is compatible`);
}
