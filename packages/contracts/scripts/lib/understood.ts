import { isObject, type Json, type JsonObject } from './schemas.ts';

/** A construct that the compatibility check does not know: nothing can be proven of it, so it is a failure. */
export class NotUnderstood extends Error {
  readonly code = 'not_understood';
  constructor(path: string, what: string) {
    super(`${path}: ${what} is not understood, so nothing is proven`);
    this.name = 'NotUnderstood';
  }
}

/** What stands behind a keyword: nothing that counts, a plain value, a file, one schema, a list or a map of them. */
type Kind = 'annotation' | 'value' | 'reference' | 'schema' | 'list' | 'map';

const BY_KIND: Readonly<Record<Kind, string>> = {
  annotation: 'title description examples deprecated $comment',
  value: 'type const enum required minimum maximum minLength maxLength pattern minItems maxItems uniqueItems',
  reference: '$ref',
  schema: 'additionalProperties items if then else',
  list: 'allOf anyOf',
  map: 'properties',
};

const KIND_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(BY_KIND).flatMap(([kind, keywords]) =>
    keywords.split(' ').map((keyword) => [keyword, kind]),
  ),
);

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/**
 * Walks a set of schemas to its last corner, throws NotUnderstood at the first construct that the comparison does
 * not know: an unknown keyword, another dialect, a $ref to anything but a file of the set, a nested $id, a cycle.
 */
export function assertUnderstood(schemas: ReadonlyMap<string, JsonObject>): void {
  const references = new Map<string, string[]>();
  for (const [name, { $schema, $id, ...schema }] of schemas) {
    if ($schema !== DIALECT) throw new NotUnderstood(name, `the dialect ${JSON.stringify($schema)}`);
    if (typeof $id !== 'string' || !$id.endsWith(`/${name}.json`)) {
      throw new NotUnderstood(name, `the $id ${JSON.stringify($id)}, which does not name its file,`);
    }
    const found: string[] = [];
    walk(schema, name, found);
    references.set(name, found);
  }
  for (const name of references.keys()) refuseCycles(name, references, []);
}

function walk(schema: Json | undefined, path: string, references: string[]): void {
  if (schema === true) return;
  if (!isObject(schema)) throw new NotUnderstood(path, `${JSON.stringify(schema)} in the place of a schema`);
  for (const [keyword, value] of Object.entries(schema)) {
    const place = `${path}/${keyword}`;
    switch (KIND_OF.get(keyword)) {
      case undefined:
        throw new NotUnderstood(path, `the keyword ${keyword}`);
      case 'reference':
        references.push(targetOf(value, place));
        break;
      case 'schema':
        walk(value, place, references);
        break;
      case 'list':
        if (!Array.isArray(value)) throw new NotUnderstood(place, 'what is no list of schemas');
        for (const [index, member] of value.entries()) walk(member, `${place}/${index}`, references);
        break;
      case 'map':
        if (!isObject(value)) throw new NotUnderstood(place, 'what is no map of schemas');
        for (const [name, member] of Object.entries(value)) walk(member, `${place}/${name}`, references);
        break;
    }
  }
  refuseReferencesInCondition(schema, path);
}

/** Two conditions count as the same when their text is; a reference would make the text mean two things. */
function refuseReferencesInCondition(schema: JsonObject, path: string): void {
  if (schema.if === undefined) return;
  const references: string[] = [];
  walk(schema.if, `${path}/if`, references);
  if (references.length > 0) throw new NotUnderstood(`${path}/if`, 'a $ref inside a condition');
}

/** The name of the schema that a reference points to. Only files of the same version are pointed to. */
export function targetOf(ref: Json | undefined, path: string): string {
  const name = typeof ref === 'string' ? /^([a-z0-9-]+)\.json$/.exec(ref)?.[1] : undefined;
  if (name === undefined) throw new NotUnderstood(path, `the reference ${JSON.stringify(ref)}`);
  return name;
}

function refuseCycles(
  name: string,
  references: ReadonlyMap<string, string[]>,
  above: readonly string[],
): void {
  if (above.includes(name)) throw new NotUnderstood(name, `the cycle ${[...above, name].join(' → ')}`);
  const targets = references.get(name);
  if (targets === undefined) throw new NotUnderstood(above.at(-1) ?? name, `the reference to ${name}.json`);
  for (const target of targets) refuseCycles(target, references, [...above, name]);
}
