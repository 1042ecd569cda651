import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { SCHEMA_NAMES, SCHEMA_VERSION, type SchemaName } from '../generated/schema-names.ts';
import type { Resolve, SchemaPart } from './problem.ts';

type Schema = SchemaPart & { $id: string };

/**
 * What Bucket receives. All that is wrong with it is told at once: no schema of these has an array, so the number
 * of errors is bounded by the schema, whatever is sent. Of everything else the first error is told.
 */
const RECEIVED: ReadonlySet<SchemaName> = new Set<SchemaName>([
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

let schemas: ReadonlyMap<string, Schema> | undefined;
const validators = new Map<'first error' | 'all errors', Ajv2020>();

/** Compiles one schema. The schemas are read from disk and Ajv is loaded at the first call, nothing before. */
export function compile(name: SchemaName): ValidateFunction {
  const schema = loadSchemas().get(name);
  const validate = schema && ajvFor(name).getSchema(schema.$id);
  if (validate === undefined) {
    throw new TypeError(`there is no schema "${name}": the names are ${SCHEMA_NAMES.join(', ')}`);
  }
  return validate;
}

function ajvFor(name: SchemaName): Ajv2020 {
  const kind = RECEIVED.has(name) ? 'all errors' : 'first error';
  let ajv = validators.get(kind);
  if (ajv === undefined) {
    ajv = newAjv({ allErrors: kind === 'all errors' });
    validators.set(kind, ajv);
  }
  return ajv;
}

export const resolveReference: Resolve = (ref) => loadSchemas().get(ref.replace(/\.json$/, ''));

/**
 * JSON knows no NaN, but 1e400 is a JSON number, and JSON.parse makes Infinity of it: what came as text is kept as
 * text, so such a number is no reason to refuse an event. A producer's own Infinity is one: JSON cannot say it.
 */
export function isNumberBeyondDouble(name: SchemaName, error: ErrorObject): boolean {
  return (
    RECEIVED.has(name) &&
    error.keyword === 'type' &&
    error.params.type === 'number' &&
    (error.data === Number.POSITIVE_INFINITY || error.data === Number.NEGATIVE_INFINITY)
  );
}

function newAjv(options: { allErrors: boolean }): Ajv2020 {
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
  for (const schema of loadSchemas().values()) ajv.addSchema(schema);
  return ajv;
}

function loadSchemas(): ReadonlyMap<string, Schema> {
  schemas ??= readBundle();
  return schemas;
}

function readBundle(): ReadonlyMap<string, Schema> {
  const text = readFileSync(new URL(`../../schemas/${SCHEMA_VERSION}/bundle.json`, import.meta.url), 'utf8');
  // The file is ours, pinned by freeze.lock.json; its shape is what scripts/bundle.ts writes.
  const bundle = JSON.parse(text) as { $defs: Record<string, Schema> };
  return new Map(Object.entries(bundle.$defs));
}
