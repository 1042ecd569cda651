import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  MANIFEST_SCHEMA_NAMES,
  MANIFEST_VERSION,
  SCHEMA_NAMES,
  SCHEMA_VERSION,
} from '../src/generated/schema-names.ts';
import type { AnySchemaName } from '../src/validators.ts';

export const packageFolder = join(import.meta.dirname, '..');
const vectorsFolder = join(packageFolder, 'vectors');

/** The folders of schemas and vectors that stand for themselves, each with the names of its schemas. */
export const FAMILIES = [
  { family: SCHEMA_VERSION, names: SCHEMA_NAMES },
  { family: MANIFEST_VERSION, names: MANIFEST_SCHEMA_NAMES },
] as const;

export type Family = (typeof FAMILIES)[number]['family'];

/** A value with the answer that every validator must give. `field` is a dotted path, '' for the value itself. */
export type Vector = { description: string; data: unknown } & (
  | { valid: true }
  | { valid: false; error: string; field: string }
);

/** The text of a whole body with the answer that Bucket must give: an error code of CONTRACT A1. */
export type TextVector = { description: string; text: string } & (
  | { valid: true }
  | { valid: false; error: string }
);

/** Which category of error each keyword of JSON Schema stands for. */
export const CATEGORIES: Record<string, string> = {
  required: 'missing_field',
  type: 'wrong_type',
  const: 'wrong_value',
  enum: 'wrong_value',
  minimum: 'out_of_range',
  maximum: 'out_of_range',
  minLength: 'wrong_length',
  maxLength: 'wrong_length',
  maxItems: 'wrong_length',
  pattern: 'wrong_format',
  uniqueItems: 'duplicate_item',
};

export function vectorFiles(family: Family): string[] {
  return readdirSync(join(vectorsFolder, family))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

export function vectorsOf(family: Family, name: AnySchemaName): Vector[] {
  return JSON.parse(readFileSync(join(vectorsFolder, family, `${name}.json`), 'utf8'));
}

export function textVectors(): TextVector[] {
  return JSON.parse(
    readFileSync(join(vectorsFolder, SCHEMA_VERSION, 'text/write-event-request.json'), 'utf8'),
  );
}
