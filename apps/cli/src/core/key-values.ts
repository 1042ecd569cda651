import type { JsonValue } from '@bhiv/artifact-registry';
import { InvalidArgumentError } from 'commander';

export type KeyValues = Readonly<Record<string, JsonValue>>;

/** For commander: adds one `key=value` to those before it. */
export function keyValue(text: string, previous: KeyValues = {}): KeyValues {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write key=value, for example task=code.');
  return { ...previous, [text.slice(0, at)]: jsonOrText(text.slice(at + 1)) };
}

/** For commander: adds one value to those before it. */
export function listed(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text];
}

/**
 * What a value means: `true`, `false`, `null`, objects, arrays and text in double quotes are JSON; so is a number in
 * the form that JSON gives it. `1.10` and `007` stay text, since as numbers they would be others.
 */
export function jsonOrText(text: string): JsonValue {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    return text; // what is no JSON is text
  }
  return typeof value === 'number' && String(value) !== text ? text : value;
}
