import type { ErrorObject } from 'ajv/dist/2020.js';
import { render } from './render.ts';

/** One thing that is wrong with a value. */
export type Problem = {
  /** Where, as a dotted path: `event_data.agent_id`, `events.3.timestamp`. */
  field: string;
  /** The offending value, as JSON where it is JSON, at most about 100 characters; `missing` when there is none. */
  value: string;
  /** The keyword of JSON Schema that refused it (`required`, `type`, `const` ...), or `readable`. */
  rule: string;
  /** What is wrong, with the value, and what to do. */
  message: string;
};

/** How a path starts: `event_data` for an event, nothing for a body. `whole` names the value itself. */
export type Naming = { prefix: string; whole: string };

/** A schema as far as messages need it. */
export type SchemaPart = {
  $ref?: string;
  description?: string;
  examples?: unknown[];
  const?: unknown;
  properties?: Record<string, SchemaPart>;
};

/** Finds the schema behind a reference such as `digest.json`. */
export type Resolve = (ref: string) => SchemaPart | undefined;

/** Turns the errors of Ajv (options: verbose) into problems. Never empty when `errors` holds a real refusal. */
export function problemsOf(errors: readonly ErrorObject[], naming: Naming, resolve: Resolve): Problem[] {
  return refusals(errors).map((error) => problemOf(error, naming, resolve));
}

/** The problem of a value that throws when it is read: a getter, a revoked proxy. */
export function unreadable(error: unknown, { whole }: Naming): Problem {
  const reason = reasonOf(error);
  return {
    field: whole,
    value: 'unreadable',
    rule: 'readable',
    message: `${whole} is unreadable (${reason || 'it threw'}): send plain data, as JSON.parse gives it.`,
  };
}

/** The words of what was thrown; none where it does not even let itself be looked at (a revoked Proxy). */
function reasonOf(error: unknown): string {
  try {
    return typeof error === 'object' && error !== null && 'message' in error ? render(error.message) : '';
  } catch {
    return '';
  }
}

/**
 * Leaves out what only repeats another error: `if` (its branch has said it), the same keyword at the same place
 * twice (two schemas of one chain), and of an anyOf the branches that are for another type of value.
 */
function refusals(errors: readonly ErrorObject[]): ErrorObject[] {
  const union = errors.find((error) => error.keyword === 'anyOf');
  if (union !== undefined) return refusalsOfUnion(union, errors);
  const seen = new Set<string>();
  return errors.filter((error) => {
    const place = `${error.instancePath} ${error.keyword} ${error.params.missingProperty ?? ''}`;
    const repeated = error.keyword === 'if' || seen.has(place);
    seen.add(place);
    return !repeated;
  });
}

function refusalsOfUnion(union: ErrorObject, errors: readonly ErrorObject[]): ErrorObject[] {
  const branches = errors.filter((error) => error !== union);
  const ofType = branches.filter(
    (error) => error.keyword === 'type' && error.instancePath === union.instancePath,
  );
  const inside = branches.filter((error) => !ofType.includes(error));
  if (inside.length > 0) return inside;
  return [{ ...union, keyword: 'type', params: { type: ofType.map((error) => error.params.type) } }];
}

function problemOf(error: ErrorObject, naming: Naming, resolve: Resolve): Problem {
  const rule = error.keyword;
  // With `verbose` Ajv hands over the schema that holds the keyword; its type there is `any`-like.
  const schema = error.parentSchema as SchemaPart;
  if (rule === 'required') {
    const name = String(error.params.missingProperty);
    const field = fieldOf(`${error.instancePath}/${escapePointer(name)}`, naming);
    const example = exampleOf(schema.properties?.[name], resolve);
    return { field, value: 'missing', rule, message: `${field} is missing: add it${example}.` };
  }
  const field = fieldOf(error.instancePath, naming);
  const value = render(error.data);
  const absent = error.data === null ? ', which counts as not there,' : '';
  const message = `${field} is ${value}${absent} but must ${expectation(error, schema)}: send ${remedy(error, schema, resolve)}.`;
  return { field, value, rule, message };
}

function expectation(error: ErrorObject, schema: SchemaPart): string {
  switch (error.keyword) {
    case 'type':
      return `be ${typesOf(error).map(withArticle).join(' or ')}`;
    case 'const':
      return `be ${render(error.params.allowedValue)}`;
    case 'enum':
      return `be one of ${error.params.allowedValues.map(render).join(', ')}`;
    case 'pattern':
      return `fit the rule "${ruleText(schema)}"`;
    default:
      return (error.message ?? `pass ${error.keyword}`).replace(/^must /, '');
  }
}

function remedy(error: ErrorObject, schema: SchemaPart, resolve: Resolve): string {
  if (error.keyword === 'const') return 'exactly that';
  if (error.keyword === 'enum') return 'one of them';
  const types = error.keyword === 'type' ? typesOf(error).filter((type) => type !== 'null') : [];
  const kind = types.length > 0 ? types.map(withArticle).join(' or ') : 'a value that does';
  return `${kind}${exampleOf(schema, resolve)}`;
}

function typesOf(error: ErrorObject): string[] {
  return [error.params.type].flat();
}

function exampleOf(schema: SchemaPart | undefined, resolve: Resolve): string {
  const target = schema?.$ref === undefined ? schema : resolve(schema.$ref);
  if (target === undefined) return '';
  const example = 'const' in target ? target.const : target.examples?.[0];
  return example === undefined ? '' : `, for example ${render(example)}`;
}

/** The rule in words: the first sentence of the description, where every schema with a pattern has it. */
function ruleText(schema: SchemaPart): string {
  return (schema.description ?? '').replace(/(?<! )\. [A-Z].*$/, '').replace(/\.$/, '');
}

function withArticle(type: string): string {
  if (type === 'null') return type;
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

function fieldOf(pointer: string, { prefix, whole }: Naming): string {
  if (pointer === '') return whole;
  const path = pointer.slice(1).split('/').map(unescapePointer).join('.');
  return prefix === '' ? path : `${prefix}.${path}`;
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescapePointer(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}
