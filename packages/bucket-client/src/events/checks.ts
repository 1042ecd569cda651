import { invalid, type LazyRefusal } from './refusal.ts';

/** An object whose fields are plain data: a copy, which nobody else holds. */
export type Fields = Record<string, unknown>;

type Checked = LazyRefusal | undefined;

/** A list in a named field may be so long. */
const MAX_LIST = 10_000;

/*
 * The rows of CONTRACT A1, one function each. They are written out by hand, field by field, for two reasons: the
 * client carries no Ajv, and this runs in every call, where a table of rules took three times as long. A test holds
 * them against the producer schema of @bhiv/contracts.
 *
 * A null in an optional field stands for "not there", and is left out of what is sent.
 */

export function checkGeneric(event: Fields, maxBytes: number): Checked {
  return (
    optionalString(event, 'agent_id', event.agent_id, maxBytes) ??
    optionalString(event, 'task_id', event.task_id, maxBytes) ??
    optionalObject(event, 'metadata', event.metadata)
  );
}

export function checkRlOutcome(event: Fields, maxBytes: number): Checked {
  const refusal =
    requiredString('agent_id', event.agent_id, maxBytes) ??
    requiredNumber('reward', event.reward) ??
    optionalObject(event, 'metadata', event.metadata);
  if (refusal !== undefined || event.metadata === undefined) return refusal;
  const metadata = event.metadata as Fields; // optionalObject has just put a copy there
  return (
    optionalString(metadata, 'task_id', metadata.task_id, maxBytes, 'metadata.') ??
    optionalNumber(metadata, 'processing_time', metadata.processing_time, 'metadata.') ??
    optionalString(metadata, 'input_type', metadata.input_type, maxBytes, 'metadata.') ??
    optionalStrings(metadata, 'tags', metadata.tags, 'metadata.')
  );
}

export function checkAgentResult(event: Fields, maxBytes: number): Checked {
  const refusal =
    requiredString('task_id', event.task_id, maxBytes) ??
    requiredString('agent_id', event.agent_id, maxBytes);
  if (refusal !== undefined) return refusal;
  const source = plainObject(event.result);
  if (source === undefined) return wrong('result', event.result, 'an object');
  const result: Fields = { ...source };
  event.result = withoutToJson(result);
  return (
    optionalInteger(result, 'status', result.status, 'result.') ??
    optionalString(result, 'response', result.response, maxBytes, 'result.') ??
    optionalNumber(result, 'processing_time', result.processing_time, 'result.') ??
    optionalString(result, 'model', result.model, maxBytes, 'result.') ??
    optionalInteger(result, 'tokens_used', result.tokens_used, 'result.')
  );
}

export function checkTaskError(event: Fields, maxBytes: number): Checked {
  return (
    requiredString('task_id', event.task_id, maxBytes) ??
    requiredString('agent_id', event.agent_id, maxBytes) ??
    requiredString('error', event.error, maxBytes) ??
    optionalString(event, 'input_type', event.input_type, maxBytes)
  );
}

/** The object whose fields JSON.stringify would show, or undefined where it would show none. Calls `toJSON`, once. */
export function plainObject(value: unknown): object | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { toJSON }: { toJSON?: unknown } = value;
  if (typeof toJSON !== 'function') return value;
  const shown: unknown = toJSON.call(value, '');
  return typeof shown === 'object' && shown !== null && !Array.isArray(shown) ? shown : undefined;
}

/** JSON.stringify must not call the `toJSON` of a copy that was made after it was called. */
export function withoutToJson(copy: Fields): Fields {
  if (typeof copy.toJSON === 'function') copy.toJSON = undefined;
  return copy;
}

function requiredString(name: string, value: unknown, maxBytes: number): Checked {
  if (typeof value !== 'string') return wrong(name, value, 'a string');
  return value.length > maxBytes ? tooLarge(name, value.length, maxBytes) : undefined;
}

function requiredNumber(name: string, value: unknown): Checked {
  return Number.isFinite(value) ? undefined : wrong(name, value, 'a finite number');
}

function optionalString(fields: Fields, name: string, value: unknown, maxBytes: number, path = ''): Checked {
  if (typeof value === 'string') {
    return value.length > maxBytes ? tooLarge(path + name, value.length, maxBytes) : undefined;
  }
  return leftOut(fields, name, value) ? undefined : wrong(path + name, value, 'a string');
}

function optionalNumber(fields: Fields, name: string, value: unknown, path: string): Checked {
  if (Number.isFinite(value) || leftOut(fields, name, value)) return undefined;
  return wrong(path + name, value, 'a finite number');
}

function optionalInteger(fields: Fields, name: string, value: unknown, path: string): Checked {
  if (Number.isInteger(value) || leftOut(fields, name, value)) return undefined;
  return wrong(path + name, value, 'an integer');
}

function optionalObject(fields: Fields, name: string, value: unknown): Checked {
  if (leftOut(fields, name, value)) return undefined;
  const source = plainObject(value);
  if (source === undefined) return wrong(name, value, 'an object');
  fields[name] = withoutToJson({ ...source });
  return undefined;
}

function optionalStrings(fields: Fields, name: string, value: unknown, path: string): Checked {
  if (leftOut(fields, name, value)) return undefined;
  const copy = copyStrings(value);
  if (copy === undefined) return wrong(path + name, value, `an array of at most ${MAX_LIST} strings`);
  fields[name] = copy;
  return undefined;
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

function leftOut(fields: Fields, name: string, value: unknown): boolean {
  if (value === undefined) return true;
  if (value !== null) return false;
  fields[name] = undefined;
  return true;
}

function wrong(field: string, found: unknown, wanted: string): LazyRefusal {
  return invalid(field, found, `give ${wanted}${found == null ? '; it is required' : ''}`);
}

function tooLarge(field: string, length: number, maxBytes: number): LazyRefusal {
  return {
    reason: 'too_large',
    explain: () => `event.${field} has ${length} characters; an event may have ${maxBytes} bytes`,
  };
}
