// Writes schemas/<version>/bundle.json for each version of the contract and of a format: every schema under $defs with its own $id, so that one
// file resolves all references (a compound schema document, JSON Schema 2020-12 core, section 9.3).
import { join } from 'node:path';
import { formatVersions, packageFolder, schemaVersions, writeOrCheck } from './lib/files.ts';
import { BUNDLE, loadSchemas } from './lib/schemas.ts';

for (const version of [...schemaVersions(), ...formatVersions()]) {
  const bundle = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://bhiv.dev/contracts/${version}/${BUNDLE}`,
    title: `BHIV contracts ${version}`,
    description:
      'All schemas of this version in one file, generated from the files beside it. Each keeps its own $id, so a reference to that $id resolves here.',
    $defs: Object.fromEntries(loadSchemas(version)),
  };
  writeOrCheck(join(packageFolder, 'schemas', version, BUNDLE), `${JSON.stringify(bundle, null, 2)}\n`);
}
