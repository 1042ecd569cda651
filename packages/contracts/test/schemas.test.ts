import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { formatVersions, schemaVersions } from '../scripts/lib/files.ts';
import { ROLES } from '../scripts/lib/roles.ts';
import { isObject, type Json, type JsonObject, loadSchemas } from '../scripts/lib/schemas.ts';
import { reasonsAgainstSubset } from '../scripts/lib/subset.ts';
import { MANIFEST_VERSION, SCHEMA_VERSION } from '../src/generated/schema-names.ts';
import { CONTRACT_VERSION, ERROR_STATUS } from '../src/index.ts';
import { MANIFEST_SCHEMA_NAMES, SCHEMA_NAMES } from '../src/validators.ts';
import { FAMILIES, packageFolder } from './vectors.ts';

const folder = join(packageFolder, 'schemas');
const schemas = loadSchemas(SCHEMA_VERSION, folder);
const manifestSchemas = loadSchemas(MANIFEST_VERSION, folder);
const allSchemas = FAMILIES.flatMap(({ family }) =>
  [...loadSchemas(family, folder)].map(([name, schema]) => ({ family, name, schema })),
);

/** Every schema inside a schema, itself included, except conditions, which only pick a branch. */
function* parts(schema: Json): Generator<JsonObject> {
  if (!isObject(schema)) return;
  yield schema;
  for (const keyword of ['items', 'additionalProperties', 'then', 'else'])
    yield* parts(schema[keyword] ?? null);
  for (const branch of Array.isArray(schema.anyOf) ? schema.anyOf : []) yield* parts(branch);
  for (const field of Object.values(isObject(schema.properties) ? schema.properties : {}))
    yield* parts(field);
}

describe.each(allSchemas)('$family $name', ({ family, name, schema }) => {
  test('is a valid JSON Schema 2020-12 in the strictest mode of Ajv', () => {
    const ajv = new Ajv2020({
      strict: true,
      strictTypes: true,
      strictTuples: true,
      allowUnionTypes: true,
      logger: false,
    });
    expect(ajv.validateSchema(schema)).toBe(true);
    for (const other of loadSchemas(family, folder).values()) ajv.addSchema(other);
    expect(ajv.getSchema(String(schema.$id))).toBeInstanceOf(Function);
  });

  test('is named after its file, says what it is, and where the rule comes from', () => {
    expect(schema.$id).toBe(`https://bhiv.dev/contracts/${family}/${name}.json`);
    expect(schema.title).toBe(name.replace(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase()));
    expect(schema.description).toMatch(/\. Source: CONTRACT.*\.$/);
  });

  test('has examples, and they are valid', () => {
    const examples = Array.isArray(schema.examples) ? schema.examples : [];
    expect(examples.length).toBeGreaterThan(0);
    const validate = validatorOf(schema);
    for (const example of examples)
      expect({ example, valid: validate(example) }).toEqual({ example, valid: true });
  });

  test('describes each field and gives an example of it, which the messages of the checks show', () => {
    for (const part of parts(schema)) {
      for (const [field, told] of Object.entries(isObject(part.properties) ? part.properties : {})) {
        if (!isObject(told) || told.$ref !== undefined || told.const !== undefined) continue;
        expect({ field, described: typeof told.description, examples: Array.isArray(told.examples) }).toEqual(
          {
            field,
            described: 'string',
            examples: true,
          },
        );
      }
    }
  });

  test('has only patterns that mean the same in Python, where $ also stands before a last newline', () => {
    for (const { pattern } of parts(schema)) {
      if (typeof pattern === 'string') expect(pattern).toMatch(/^\^.*\(\?!\\n\)\$$/);
    }
  });

  test('has a role, and is reached from outside if it is only a part', () => {
    expect(Object.hasOwn(ROLES, name)).toBe(true);
    if (ROLES[name] === 'part') expect(reachable().has(name)).toBe(true);
  });
});

test('there is a role for nothing else', () => {
  expect(Object.keys(ROLES).sort()).toEqual(allSchemas.map(({ name }) => name).sort());
});

test('the newest version is the one that the constants, the types and the checks speak of', () => {
  expect(schemaVersions(folder).at(-1)).toBe(SCHEMA_VERSION);
  expect(SCHEMA_VERSION).toBe(`v${CONTRACT_VERSION}`);
  expect(SCHEMA_NAMES).toEqual([...schemas.keys()]);
  expect(formatVersions(folder)).toEqual([MANIFEST_VERSION]);
  expect(MANIFEST_SCHEMA_NAMES).toEqual([...manifestSchemas.keys()]);
});

test.each(FAMILIES)('the bundle of $family alone resolves every reference', ({ family }) => {
  const bundle = JSON.parse(readFileSync(join(folder, family, 'bundle.json'), 'utf8'));
  const all = loadSchemas(family, folder);
  expect(bundle.$defs).toEqual(Object.fromEntries(all));
  const ajv = new Ajv2020({ allowUnionTypes: true });
  ajv.addSchema(bundle);
  for (const schema of all.values()) {
    expect(ajv.getSchema(String(schema.$id))).toBeInstanceOf(Function);
  }
});

test('the error codes are the same in the schema and in the table of HTTP statuses', () => {
  expect(Object.keys(ERROR_STATUS).sort()).toEqual([schemas.get('error-code')?.enum ?? []].flat().sort());
});

test.each([
  ['produced-event', 'event-data'],
  ['produced-rl-outcome', 'accepted-rl-outcome'],
  ['write-event-request', 'write-event-envelope'],
  ['version-exists-error', 'error-body'],
  ['digest-mismatch-error', 'error-body'],
  ['digest-precondition-failed-error', 'error-body'],
])('whatever %s takes, %s takes', (narrow, wide) => {
  const located = (name: string) => ({ schema: schemas.get(name) ?? false, set: schemas });
  expect(reasonsAgainstSubset(located(narrow), located(wide), narrow)).toEqual([]);
});

test('an error body takes every code of the table', () => {
  const validate = validatorOf(schemas.get('error-body') ?? {});
  for (const code of Object.keys(ERROR_STATUS)) {
    expect({ code, valid: validate({ error: { code, message: 'm', details: {} } }) }).toEqual({
      code,
      valid: true,
    });
  }
});

test('the files are found by the names that package.json exports', () => {
  const require = createRequire(import.meta.url);
  expect(require('@bhiv/contracts/schemas/v1.0/digest.json').title).toBe('Digest');
  expect(require('@bhiv/contracts/schemas/v1.0/bundle.json').$defs.digest.title).toBe('Digest');
  expect(require('@bhiv/contracts/schemas/manifest-v1/manifest.json').title).toBe('Manifest');
  expect(require('@bhiv/contracts/vectors/v1.0/digest.json')).toBeInstanceOf(Array);
  expect(require('@bhiv/contracts/vectors/v1.0/text/write-event-request.json')).toBeInstanceOf(Array);
});

function validatorOf(schema: JsonObject) {
  const ajv = new Ajv2020({ allowUnionTypes: true, schemas: allSchemas.map((one) => one.schema) });
  const validate = ajv.getSchema(String(schema.$id));
  if (validate === undefined) throw new Error(`${schema.$id} does not resolve`);
  return validate;
}

function reachable(): Set<string> {
  const seen = new Set<string>();
  const visit = (name: string) => {
    for (const part of parts(schemas.get(name) ?? manifestSchemas.get(name) ?? null)) {
      const target = typeof part.$ref === 'string' ? part.$ref.replace(/\.json$/, '') : undefined;
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      visit(target);
    }
  };
  for (const [name, role] of Object.entries(ROLES)) if (role !== 'part') visit(name);
  return seen;
}
