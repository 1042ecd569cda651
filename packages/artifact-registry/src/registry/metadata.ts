import { shown } from '../shown.ts';
import { RegistryError } from './errors.ts';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** What a team wants to remember of a version: a JSON object. */
export type Metadata = { readonly [key: string]: JsonValue };

/** The most bytes that metadata may have, as JSON in UTF-8. */
export const MAX_METADATA_BYTES = 64 * 1024;

/** The most objects and arrays inside each other. */
const MAX_DEPTH = 32;

/**
 * The JSON text of metadata that says exactly what the object says. What JSON would change or drop is refused, and so
 * is what is too large, before much time is spent on it. Throws RegistryError `invalid_metadata`.
 */
export function metadataText(field: string, value: unknown): string {
  if (!isPlainObject(value)) throw invalid(field, value, 'must be a plain object');
  const budget = { left: MAX_METADATA_BYTES, field };
  spend(budget, value, field, 1);
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > MAX_METADATA_BYTES) throw tooLarge(field);
  return text;
}

type Budget = { left: number; readonly field: string };

/** Walks through the value once and stops where it is not JSON, or where its text must be over the bound. */
function spend(budget: Budget, value: unknown, path: string, depth: number): void {
  budget.left -= typeof value === 'string' ? value.length + 2 : 1;
  if (budget.left < 0) throw tooLarge(budget.field);
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw invalid(path, value, 'JSON has no such number: leave it out or send null');
    return;
  }
  if (typeof value === 'string') {
    if (/\p{Cs}/u.test(value))
      throw invalid(path, value, 'holds half of a surrogate pair: send whole characters');
    return;
  }
  if (depth > MAX_DEPTH)
    throw invalid(path, value, `lies more than ${MAX_DEPTH} levels deep: make it flatter`);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      spend(budget, value[index], `${path}[${index}]`, depth + 1);
    }
    return;
  }
  if (!isPlainObject(value)) {
    throw invalid(
      path,
      value,
      'is not JSON: send null, a boolean, a number, a string, an array or a plain object',
    );
  }
  for (const [key, member] of Object.entries(value)) {
    spend(budget, key, `the key ${shown(key)} of ${path}`, depth);
    spend(budget, member, `${path}.${key}`, depth + 1);
  }
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function invalid(path: string, value: unknown, must: string): RegistryError {
  const message = `${path} is ${shown(value)} and ${must}.`;
  return new RegistryError('invalid_metadata', message, { details: { field: path } });
}

function tooLarge(field: string): RegistryError {
  const message = `${field} has more than ${MAX_METADATA_BYTES} bytes as JSON: keep what is large as an artifact, and its digest here.`;
  return new RegistryError('invalid_metadata', message, { expected: MAX_METADATA_BYTES, details: { field } });
}
