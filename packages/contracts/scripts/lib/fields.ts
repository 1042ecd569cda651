import { isObject, type Json, type JsonObject } from './schemas.ts';

type Schemas = ReadonlyMap<string, JsonObject>;

/** The fields that an object schema names, as rows: dotted path, type, required, meaning. */
export function fieldRows(schema: JsonObject, schemas: Schemas, prefix = ''): string[][] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(isObject(schema.properties) ? schema.properties : {}).flatMap(([name, field]) => {
    if (!isObject(field)) return [];
    const path = `${prefix}${name}`;
    const row = [
      `\`${path}\``,
      typeText(field, schemas),
      required.includes(name) ? 'yes' : 'no',
      meaning(field, schemas),
    ];
    return [row, ...inner(field, path, schemas)];
  });
}

/** The type of a value as people read it. */
export function typeText(schema: JsonObject, schemas: Schemas): string {
  if (typeof schema.$ref === 'string') {
    const target = targetOf(schema.$ref, schemas);
    return target.type === 'object' ? String(target.title) : `${typeText(target, schemas)} (${target.title})`;
  }
  if (Array.isArray(schema.anyOf))
    return schema.anyOf.map((branch) => partText(branch, schemas)).join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map(code).join(' or ');
  if (schema.type === 'array') return `array of ${partText(schema.items, schemas)}${bounds(schema)}`;
  if (schema.type === undefined) return 'anything';
  return `${[schema.type].flat().join(' or ')}${bounds(schema)}`;
}

/** What a schema is for: its description without the source; of a schema elsewhere, the first sentence. */
export function meaning(schema: JsonObject, schemas: Schemas): string {
  if (schema.description !== undefined) return String(schema.description).replace(/\s*Source: .*$/, '');
  return schema.$ref === undefined ? '' : firstSentence(meaning(targetOf(schema.$ref, schemas), schemas));
}

export function firstSentence(text: string): string {
  return text.replace(/(?<=\S\.) [A-Z].*$/, '');
}

function inner(field: JsonObject, path: string, schemas: Schemas): string[][] {
  if (isObject(field.items) && field.items.properties) return fieldRows(field.items, schemas, `${path}[].`);
  return field.properties ? fieldRows(field, schemas, `${path}.`) : [];
}

function partText(schema: Json | undefined, schemas: Schemas): string {
  return isObject(schema) ? typeText(schema, schemas) : 'anything';
}

function bounds({
  minimum,
  maximum,
  minLength,
  maxLength,
  maxItems,
  uniqueItems,
  additionalProperties,
}: JsonObject): string {
  const limits = [
    minimum !== undefined && `at least ${minimum}`,
    maximum !== undefined && `at most ${maximum}`,
    minLength !== undefined &&
      (maxLength === undefined ? 'not empty' : `${minLength} to ${maxLength} characters`),
    maxItems !== undefined && `at most ${maxItems}`,
    uniqueItems === true && 'distinct',
    isObject(additionalProperties) && `of ${additionalProperties.type}`,
  ].filter(Boolean);
  return limits.length > 0 ? `, ${limits.join(', ')}` : '';
}

function targetOf(ref: Json, schemas: Schemas): JsonObject {
  const target = schemas.get(String(ref).replace(/\.json$/, ''));
  if (target === undefined) throw new Error(`there is no schema ${ref}`);
  return target;
}

function code(value: Json): string {
  return `\`${JSON.stringify(value)}\``;
}
