import { wallClockAt } from '../shared/clock.ts';
import { invalid, type LazyRefusal } from './refusal.ts';
import { type EventRule, type Field, ruleFor } from './rules.ts';

const ISO_8601 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const MAX_LIST = 10_000;

type Fields = Record<string, unknown>;

/** The event's JSON, which is a plain string where it still lacks its timestamp: that is the common case. */
export type EventJson = string | { readonly withTimestamp: string };

/**
 * Makes the JSON of one event: valid by the producer schema (CONTRACT A1) and independent of everything the caller
 * holds. A timestamp that is missing is left to whoever sends it (see RingReader): adding one to the object would
 * cost more than all the checks.
 *
 * Each object whose fields the contract names is copied before it is checked, so that a getter or a Proxy cannot
 * show the check one value and JSON.stringify another. Throws whatever the event's own code throws.
 */
export function snapshot(event: unknown, now: number, maxBytes: number): EventJson | LazyRefusal {
  const fields = copyFields(event);
  if (fields === undefined) return invalid('', event, 'give an object with at least an event_type');
  const type = fields.event_type;
  if (typeof type !== 'string') return invalid('event_type', type, 'give a string, such as "agent_result"');
  const rule = ruleFor(type);
  const refusal = checkFields(fields, rule.top, '', maxBytes) ?? checkNested(fields, rule, maxBytes);
  if (refusal !== undefined) return refusal;
  const given = fields.timestamp;
  if (given === undefined && !('timestamp' in fields)) return JSON.stringify(fields);
  return checkTimestamp(fields, given, now) ?? { withTimestamp: JSON.stringify(fields) };
}

/** A shallow copy of the value's own fields, or undefined where it is no object. `toJSON` is honoured, once. */
function copyFields(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  let source: object = value;
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const shown: unknown = value.toJSON('');
    if (typeof shown !== 'object' || shown === null || Array.isArray(shown)) return undefined;
    source = shown;
  }
  const copy: Fields = { ...source };
  if (typeof copy.toJSON === 'function') copy.toJSON = undefined;
  return copy;
}

function checkFields(
  fields: Fields,
  rules: readonly Field[],
  path: string,
  maxBytes: number,
): LazyRefusal | undefined {
  for (const { name, kind, required } of rules) {
    const value = fields[name];
    if (value === undefined || value === null) {
      if (required) return invalid(path + name, value, `it is required: give ${article(kind)}`);
      if (value === null) fields[name] = undefined; // a null stands for "not there" (CONTRACT A1)
      continue;
    }
    switch (kind) {
      case 'string':
        if (typeof value !== 'string') return wrong(path + name, value, kind);
        if (value.length > maxBytes) return tooLarge(path + name, value.length, maxBytes);
        break;
      case 'number':
        if (typeof value !== 'number' || !Number.isFinite(value)) return wrong(path + name, value, kind);
        break;
      case 'integer':
        if (!Number.isInteger(value)) return wrong(path + name, value, kind);
        break;
      case 'object': {
        const copy = copyFields(value);
        if (copy === undefined) return wrong(path + name, value, kind);
        fields[name] = copy;
        break;
      }
      case 'strings': {
        const copy = copyStrings(value);
        if (copy === undefined) return wrong(path + name, value, kind);
        fields[name] = copy;
        break;
      }
    }
  }
  return undefined;
}

function checkNested(fields: Fields, rule: EventRule, maxBytes: number): LazyRefusal | undefined {
  if (rule.nested === undefined) return undefined;
  const nested = fields[rule.nested.name];
  if (nested === undefined) return undefined;
  // checkFields has just put a copy there that copyFields made
  return checkFields(nested as Fields, rule.nested.fields, `${rule.nested.name}.`, maxBytes);
}

/** By index and bounded: an iterator of the caller's could run for ever. */
function copyStrings(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const length = value.length;
  if (length > MAX_LIST) return undefined;
  const copy: string[] = [];
  for (let i = 0; i < length; i++) {
    const item: unknown = value[i];
    if (typeof item !== 'string') return undefined;
    copy.push(item);
  }
  return copy;
}

function checkTimestamp(fields: Fields, given: unknown, now: number): LazyRefusal | undefined {
  if (given === undefined || given === null) fields.timestamp = new Date(wallClockAt(now)).toISOString();
  else if (typeof given === 'object' && given instanceof Date) fields.timestamp = given.toISOString();
  else if (typeof given !== 'string' || !ISO_8601.test(given) || Number.isNaN(Date.parse(given))) {
    return invalid('timestamp', given, 'give ISO 8601 with a time zone, a Date, or leave it out');
  }
  return undefined;
}

const ARTICLES: Record<Field['kind'], string> = {
  string: 'a string',
  number: 'a finite number',
  integer: 'an integer',
  object: 'an object',
  strings: `an array of at most ${MAX_LIST} strings`,
};

function article(kind: Field['kind']): string {
  return ARTICLES[kind];
}

function wrong(field: string, found: unknown, kind: Field['kind']): LazyRefusal {
  return invalid(field, found, `give ${article(kind)}, or leave the field out if it is optional`);
}

function tooLarge(field: string, length: number, maxBytes: number): LazyRefusal {
  return {
    reason: 'too_large',
    explain: () => `event.${field} has ${length} characters; an event may have ${maxBytes} bytes`,
  };
}
