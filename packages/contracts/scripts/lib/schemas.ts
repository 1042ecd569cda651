import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './files.ts';

/** A value of JSON. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export const BUNDLE = 'bundle.json';

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(text: string, name: string): JsonObject {
  const value: Json = JSON.parse(text);
  if (!isObject(value)) throw new Error(`${name} is not a JSON object`);
  return value;
}

/** The hand-written schemas of one version, by file name without `.json`, in the order of the names. */
export function loadSchemas(
  version: string,
  folder = join(packageFolder, 'schemas'),
): Map<string, JsonObject> {
  const names = readdirSync(join(folder, version))
    .filter((file) => file.endsWith('.json') && file !== BUNDLE)
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
  return new Map(
    names.map((name) => {
      const path = join(folder, version, `${name}.json`);
      return [name, parseObject(readFileSync(path, 'utf8'), path)];
    }),
  );
}
