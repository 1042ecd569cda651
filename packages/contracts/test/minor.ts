import { join } from 'node:path';
import type { SchemaSet } from '../scripts/lib/compatibility.ts';
import { type Json, type JsonObject, loadSchemas } from '../scripts/lib/schemas.ts';
import { packageFolder } from './vectors.ts';

export const schemasFolder = join(packageFolder, 'schemas');
export const v1: SchemaSet = loadSchemas('v1.0', schemasFolder);

/** A change of one schema, at a place such as `properties/reward/type`. */
export type Edit = (schema: JsonObject) => void;

export const set =
  (place: string, value: Json): Edit =>
  (schema) => {
    const [parent, last] = find(schema, place);
    parent[last] = value;
  };

export const push =
  (place: string, value: Json): Edit =>
  (schema) => {
    const [parent, last] = find(schema, place);
    const list = parent[last];
    if (!Array.isArray(list)) throw new Error(`${place} is no list`);
    list.push(value);
  };

export const drop =
  (place: string): Edit =>
  (schema) => {
    const [parent, last] = find(schema, place);
    delete parent[last];
  };

export const both =
  (one: Edit, other: Edit): Edit =>
  (schema) => {
    one(schema);
    other(schema);
  };

/** A newer minor: v1.0 with one schema edited. */
export function minor(name: string, edit: Edit): SchemaSet {
  const newer = new Map(structuredClone([...v1]));
  const schema = newer.get(name);
  if (schema === undefined) throw new Error(`there is no schema ${name}`);
  edit(schema);
  return newer;
}

function find(schema: JsonObject, place: string): [parent: JsonObject, last: string] {
  const steps = place.split('/');
  const last = steps.pop() ?? '';
  let parent: Json = schema;
  for (const step of steps) {
    const next: Json | undefined =
      typeof parent === 'object' && parent !== null && !Array.isArray(parent) ? parent[step] : undefined;
    if (typeof next !== 'object' || next === null || Array.isArray(next))
      throw new Error(`there is no ${place}`);
    parent = next;
  }
  return [parent as JsonObject, last]; // the loop above only goes through objects
}
