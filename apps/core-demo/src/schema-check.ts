import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true });

/** Problems beyond this many are not told. */
const MAX_PROBLEMS = 20;

/** Either the value, now typed, or what is wrong with it: one sentence a problem, naming field and value. */
export type Checked<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/**
 * Compiles a JSON Schema 2020-12 to a check. The caller states in `T` the type that the schema describes.
 * Throws at once when the schema itself is wrong.
 */
export function schemaCheck<T>(schema: object): (value: unknown) => Checked<T> {
  const validate = ajv.compile<T>(schema);
  return (value) =>
    validate(value)
      ? { ok: true, value }
      : { ok: false, problems: (validate.errors ?? []).slice(0, MAX_PROBLEMS).map(sentence) };
}

function sentence(error: ErrorObject): string {
  const field = error.instancePath === '' ? 'the whole' : error.instancePath.slice(1).replaceAll('/', '.');
  if (error.keyword === 'required') return `${field}: "${error.params.missingProperty}" is missing`;
  if (error.keyword === 'additionalProperties') {
    return `${field}: ${shortly(error.params.additionalProperty)} is not a known field; remove it`;
  }
  const allowed = error.keyword === 'enum' ? ` (${JSON.stringify(error.params.allowedValues)})` : '';
  return `${field}: ${error.message}${allowed}, but is ${shortly(error.data)}`;
}

function shortly(value: unknown): string {
  // Not written out: JSON.stringify overflows the stack on what is nested deeply enough.
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
