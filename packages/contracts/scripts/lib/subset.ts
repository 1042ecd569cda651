import { isObject, type Json, type JsonObject } from './schemas.ts';
import { NotUnderstood, targetOf } from './understood.ts';

/** A schema with the set that its references point into. */
export type Located = { schema: Json; set: ReadonlyMap<string, JsonObject> };

/** One object of a schema whose members must all hold: the schema itself, the target of a $ref, a member of allOf. */
type Part = { schema: JsonObject; set: ReadonlyMap<string, JsonObject> };

/**
 * Says why it is not proven that every value which `narrow` takes, `wide` takes too; an empty array is the proof.
 * It fails closed: it may refuse a harmless change, it never passes a harmful one. Both sets have gone through
 * assertUnderstood.
 */
export function reasonsAgainstSubset(narrow: Located, wide: Located, path: string): string[] {
  return partsOf(wide, path).flatMap((part) =>
    Object.keys(part.schema).flatMap((keyword) => reasonsAgainstDemand(narrow, keyword, part, path)),
  );
}

/** Why `narrow` does not imply one keyword of `wide`. It does when one of its parts does, or each branch of a union. */
function reasonsAgainstDemand(narrow: Located, keyword: string, wide: Part, path: string): string[] {
  const rule = RULES[keyword];
  if (rule === undefined) return []; // annotations; `then` and `else`, for which `if` speaks
  const attempts = partsOf(narrow, path).flatMap((part) => {
    const union = part.schema.anyOf;
    const branches = Array.isArray(union)
      ? [union.flatMap((schema) => reasonsAgainstDemand({ schema, set: part.set }, keyword, wide, path))]
      : [];
    return [rule(part, wide, path), ...branches];
  });
  return fewest(attempts);
}

function partsOf({ schema, set }: Located, path: string): Part[] {
  if (schema === true) return [{ schema: {}, set }];
  if (!isObject(schema)) throw new NotUnderstood(path, `${JSON.stringify(schema)} in the place of a schema`);
  const { $ref, allOf, ...own } = schema;
  const target = $ref === undefined ? [] : [set.get(targetOf($ref, path)) ?? false];
  const members = Array.isArray(allOf) ? allOf : [];
  return [
    { schema: own, set },
    ...[...target, ...members].flatMap((member) => partsOf({ schema: member, set }, path)),
  ];
}

/** Why one part does not imply one keyword of another. */
type Rule = (narrow: Part, wide: Part, path: string) => string[];

const RULES: Readonly<Record<string, Rule>> = {
  type: ({ schema }, wide, path) => {
    const taken = namesIn(wide.schema.type);
    const fits = (type: string) => taken.includes(type) || (type === 'integer' && taken.includes('number'));
    const given = typesOf(schema);
    return given.length > 0 && given.every(fits)
      ? []
      : [`${path}: ${given.join(' or ') || 'any type'} is not within ${taken.join(' or ')}`];
  },
  const: valuesWithin,
  enum: valuesWithin,
  required: ({ schema }, wide, path) =>
    namesIn(wide.schema.required)
      .filter((name) => !namesIn(schema.required).includes(name))
      .map((name) => `${path}: ${name} need not be there on one side, the other requires it`),
  properties: (narrow, wide, path) => {
    const names = new Set([...Object.keys(mapOf(narrow)), ...Object.keys(mapOf(wide))]);
    return [...names].flatMap((name) =>
      reasonsAgainstSubset(property(narrow, name), property(wide, name), `${path}.${name}`),
    );
  },
  additionalProperties: (narrow, wide, path) => [
    ...(RULES.properties?.(narrow, wide, path) ?? []),
    ...reasonsAgainstSubset(
      inside(narrow, 'additionalProperties'),
      inside(wide, 'additionalProperties'),
      `${path}.*`,
    ),
  ],
  items: (narrow, wide, path) =>
    reasonsAgainstSubset(inside(narrow, 'items'), inside(wide, 'items'), `${path}[]`),
  minimum: bound('minimum', (narrow, wide) => narrow >= wide),
  minLength: bound('minLength', (narrow, wide) => narrow >= wide),
  minItems: bound('minItems', (narrow, wide) => narrow >= wide),
  maximum: bound('maximum', (narrow, wide) => narrow <= wide),
  maxLength: bound('maxLength', (narrow, wide) => narrow <= wide),
  maxItems: bound('maxItems', (narrow, wide) => narrow <= wide),
  pattern: (narrow, wide, path) => {
    const pattern = new RegExp(String(wide.schema.pattern), 'u');
    const values = valuesOf(narrow.schema)?.filter((value) => typeof value === 'string');
    return values?.every((value) => pattern.test(value)) ? [] : same('pattern')(narrow, wide, path);
  },
  uniqueItems: same('uniqueItems'),
  if: (narrow, wide, path) => {
    const alike = narrow.schema.if !== undefined && sameJson(narrow.schema.if, wide.schema.if);
    return (['then', 'else'] as const).flatMap((branch) =>
      reasonsAgainstSubset(alike ? inside(narrow, branch) : narrow, inside(wide, branch), path),
    );
  },
  anyOf: (narrow, wide, path) => {
    const branches = Array.isArray(wide.schema.anyOf) ? wide.schema.anyOf : [];
    const attempts = branches.map((schema) => reasonsAgainstSubset(narrow, { schema, set: wide.set }, path));
    return fewest(attempts).map((reason) => `${reason} (of anyOf, the nearest)`);
  },
};

/** The attempt that came nearest: with the fewest reasons against it, of equals the one that failed deepest inside. */
function fewest(attempts: readonly string[][]): string[] {
  const depth = (reasons: readonly string[]) => reasons[0]?.split(': ')[0]?.length ?? 0;
  const isNearer = (one: string[], other: string[]) =>
    one.length < other.length || (one.length === other.length && depth(one) >= depth(other));
  return attempts.reduce((best, reasons) => (isNearer(reasons, best) ? reasons : best));
}

function valuesWithin({ schema }: Part, wide: Part, path: string): string[] {
  const taken = valuesOf(wide.schema) ?? [];
  const given = valuesOf(schema);
  if (given === undefined) return [`${path}: any value is not within ${JSON.stringify(taken)}`];
  return given
    .filter((value) => !taken.some((other) => sameJson(value, other)))
    .map((value) => `${path}: ${JSON.stringify(value)} is not within ${JSON.stringify(taken)}`);
}

function bound(keyword: string, holds: (narrow: number, wide: number) => boolean): Rule {
  return ({ schema }, wide, path) => {
    const [given, demanded] = [schema[keyword], wide.schema[keyword]];
    if (typeof given === 'number' && typeof demanded === 'number' && holds(given, demanded)) return [];
    return [`${path}: ${keyword} is ${given ?? 'not there'} on one side, the other demands ${demanded}`];
  };
}

function same(keyword: string): Rule {
  return ({ schema }, wide, path) =>
    sameJson(schema[keyword] ?? null, wide.schema[keyword] ?? null)
      ? []
      : [`${path}: ${keyword} differs, and two of them are not compared`];
}

function typesOf(schema: JsonObject): string[] {
  if (schema.type !== undefined) return namesIn(schema.type);
  return (valuesOf(schema) ?? []).map((value) => {
    if (value === null) return 'null';
    if (Array.isArray(value)) return 'array';
    return Number.isInteger(value) ? 'integer' : typeof value;
  });
}

function valuesOf(schema: JsonObject): Json[] | undefined {
  if (schema.const !== undefined) return [schema.const];
  return Array.isArray(schema.enum) ? schema.enum : undefined;
}

function namesIn(value: Json | undefined): string[] {
  return [value].flat().filter((name) => typeof name === 'string');
}

function mapOf({ schema }: Part): JsonObject {
  return isObject(schema.properties) ? schema.properties : {};
}

/** What a part says of one field: what it names, else what it says of all others. */
function property(part: Part, name: string): Located {
  const named = mapOf(part);
  return Object.hasOwn(named, name)
    ? { schema: named[name] ?? true, set: part.set }
    : inside(part, 'additionalProperties');
}

function inside({ schema, set }: Part, keyword: string): Located {
  return { schema: schema[keyword] ?? true, set };
}

function sameJson(one: Json | undefined, other: Json | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
