import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEMA_VERSION, type SchemaName } from '../src/generated/schema-names.ts';

export const packageFolder = join(import.meta.dirname, '..');
const vectorsFolder = join(packageFolder, 'vectors', SCHEMA_VERSION);

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

export function vectorFiles(): string[] {
  return readdirSync(vectorsFolder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

export function vectorsOf(name: SchemaName): Vector[] {
  return JSON.parse(readFileSync(join(vectorsFolder, `${name}.json`), 'utf8'));
}

export function textVectors(): TextVector[] {
  return JSON.parse(readFileSync(join(vectorsFolder, 'text/write-event-request.json'), 'utf8'));
}
