import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import * as constants from '../src/index.ts';
import { packageFolder } from './vectors.ts';

/** Runs a program against the built package, by its own name, as an outsider would; gives what it printed as JSON. */
function run(program: string, type: 'module' | 'commonjs' = 'module'): unknown {
  const args = [`--input-type=${type}`, '--eval', program];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: packageFolder, encoding: 'utf8' }));
}

const LOADED = `Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('ajv'))`;

test('importing the main entry loads no Ajv', () => {
  const program = `import { createRequire } from 'node:module'; import * as contracts from '@bhiv/contracts';
    console.log(JSON.stringify({ names: Object.keys(contracts), ajv: ${LOADED} }));`;
  expect(run(program)).toEqual({ names: Object.keys(constants).sort(), ajv: false });
});

test('importing the validators loads no Ajv either; the first check does', () => {
  const program = `import { createRequire } from 'node:module'; import { checkEnvelope } from '@bhiv/contracts/validators';
    const before = ${LOADED}; checkEnvelope({});
    console.log(JSON.stringify({ before, after: ${LOADED} }));`;
  expect(run(program)).toEqual({ before: false, after: true });
});

test('warmUp compiles the schemas that are named', () => {
  const program = `import { warmUp, check } from '@bhiv/contracts/validators';
    warmUp(['digest']); warmUp(); console.log(JSON.stringify(check('digest', 5).length));`;
  expect(run(program)).toBe(1);
});

test('schemas and vectors are imported with { type: "json" }, from subfolders too', () => {
  const program = `import digest from '@bhiv/contracts/schemas/v1.0/digest.json' with { type: 'json' };
    import vectors from '@bhiv/contracts/vectors/v1.0/digest.json' with { type: 'json' };
    import texts from '@bhiv/contracts/vectors/v1.0/text/write-event-request.json' with { type: 'json' };
    console.log(JSON.stringify([digest.title, Array.isArray(vectors), Array.isArray(texts)]));`;
  expect(run(program)).toEqual(['Digest', true, true]);
});

test('everything is required from CommonJS', () => {
  const program = `const { REQUESTER_ID } = require('@bhiv/contracts'); const { check } = require('@bhiv/contracts/validators');
    const { title } = require('@bhiv/contracts/schemas/v1.0/digest.json');
    const texts = require('@bhiv/contracts/vectors/v1.0/text/write-event-request.json');
    console.log(JSON.stringify([REQUESTER_ID, check('digest', 5).length, title, texts.length > 0]));`;
  expect(run(program, 'commonjs')).toEqual(['bhiv_core', 1, 'Digest', true]);
});

test('the constants are those of the contract', () => {
  expect(constants).toMatchObject({
    REQUESTER_ID: 'bhiv_core',
    CONTRACT_VERSION: '1.0',
    BUCKET_VERSION: '1.0.0',
    DEFAULT_PORTS: { karma: 8000, bucket: 8001, core: 8002 },
  });
});
