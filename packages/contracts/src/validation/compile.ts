import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import {
  MANIFEST_SCHEMA_NAMES,
  MANIFEST_VERSION,
  type ManifestSchemaName,
  SCHEMA_NAMES,
  SCHEMA_VERSION,
  type SchemaName,
} from '../generated/schema-names.ts';
import type { Resolve, SchemaPart } from './problem.ts';

type Schema = SchemaPart & { $id: string };

/** Any schema there is. No two have one name. */
export type AnySchemaName = SchemaName | ManifestSchemaName;

/** Schemas that resolve each other: a folder of schemas/. */
type Family = typeof SCHEMA_VERSION | typeof MANIFEST_VERSION;

/**
 * What Bucket receives. All that is wrong with it is told at once: no schema of these has an array, so the number
 * of errors is bounded by the schema, whatever is sent. Of everything else the first error is told.
 */
const RECEIVED: ReadonlySet<AnySchemaName> = new Set<SchemaName>([
  'write-event-envelope',
  'write-event-request',
  'event-data',
  'accepted-generic-event',
  'accepted-rl-outcome',
  'accepted-agent-result',
  'accepted-task-error',
  'read-context-query',
  'events-query',
  'readyz-query',
  'upload-headers',
  'get-artifact-query',
]);

const require = createRequire(import.meta.url);

const schemas = new Map<Family, ReadonlyMap<string, Schema>>();
const validators = new Map<string, Ajv2020>();

/** Compiles one schema. The schemas are read from disk and Ajv is loaded at the first call, nothing before. */
export function compile(name: AnySchemaName): ValidateFunction {
  const schema = loadSchemas(familyOf(name)).get(name);
  const validate = schema && ajvFor(name).getSchema(schema.$id);
  if (validate === undefined) {
    const names = [...SCHEMA_NAMES, ...MANIFEST_SCHEMA_NAMES].join(', ');
    throw new TypeError(`there is no schema "${name}": the names are ${names}`);
  }
  return validate;
}

function familyOf(name: AnySchemaName): Family {
  return MANIFEST_SCHEMA_NAMES.some((other) => other === name) ? MANIFEST_VERSION : SCHEMA_VERSION;
}

function ajvFor(name: AnySchemaName): Ajv2020 {
  const family = familyOf(name);
  const allErrors = RECEIVED.has(name);
  const kind = `${family} ${allErrors}`;
  let ajv = validators.get(kind);
  if (ajv === undefined) {
    ajv = newAjv(family, { allErrors });
    validators.set(kind, ajv);
  }
  return ajv;
}

/** Finds what a schema refers to: a file of its own family. */
export function resolverOf(name: AnySchemaName): Resolve {
  return (ref) => loadSchemas(familyOf(name)).get(ref.replace(/\.json$/, ''));
}

/**
 * JSON knows no NaN, but 1e400 is a JSON number, and JSON.parse makes Infinity of it: what came as text is kept as
 * text, so such a number is no reason to refuse an event. A producer's own Infinity is one: JSON cannot say it.
 */
export function isNumberBeyondDouble(name: AnySchemaName, error: ErrorObject): boolean {
  return (
    RECEIVED.has(name) &&
    error.keyword === 'type' &&
    error.params.type === 'number' &&
    (error.data === Number.POSITIVE_INFINITY || error.data === Number.NEGATIVE_INFINITY)
  );
}

function newAjv(family: Family, options: { allErrors: boolean }): Ajv2020 {
  // Loading Ajv takes longer than everything else here together, so it waits for the first use too. `import` would
  // be asynchronous; Ajv is CommonJS, so `require` is not.
  const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js'); // require gives `any`
  const ajv = new Ajv2020({
    ...options,
    strict: true,
    allowUnionTypes: true,
    verbose: true,
    validateSchema: false,
  });
  for (const schema of loadSchemas(family).values()) ajv.addSchema(schema);
  return ajv;
}

function loadSchemas(family: Family): ReadonlyMap<string, Schema> {
  let loaded = schemas.get(family);
  if (loaded === undefined) {
    loaded = readBundle(family);
    schemas.set(family, loaded);
  }
  return loaded;
}

function readBundle(family: Family): ReadonlyMap<string, Schema> {
  const text = readFileSync(new URL(`../../schemas/${family}/bundle.json`, import.meta.url), 'utf8');
  // The file is ours; its shape is what scripts/bundle.ts writes.
  const bundle = JSON.parse(text) as { $defs: Record<string, Schema> };
  return new Map(Object.entries(bundle.$defs));
}
