const MAX_LENGTH = 100;
const MAX_DEPTH = 3;

/**
 * A value as a person reads it in a message: JSON where it is JSON, at most about 100 characters, cut with `…`.
 * Its cost does not grow with the depth of the value. It may throw where reading the value throws (a getter, a
 * revoked proxy): callers guard it.
 */
export function render(value: unknown): string {
  return cut(renderInside(value, MAX_DEPTH));
}

/** The first characters of a text, never half of a surrogate pair, with `…` where something was left out. */
function cut(text: string, length = MAX_LENGTH): string {
  if (text.length <= length) return text;
  const end = isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}…`;
}

function renderInside(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      // The cut comes before JSON.stringify: a string of a megabyte must not be escaped for 100 characters of it.
      return value.length <= MAX_LENGTH
        ? JSON.stringify(value)
        : `${JSON.stringify(cut(value)).slice(0, -1)}`;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? renderArray(value, depth) : renderObject(value, depth);
    case 'bigint':
      return 'a BigInt';
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    default:
      return String(value);
  }
}

function renderArray(value: readonly unknown[], depth: number): string {
  if (depth === 0) return '[…]';
  let text = '[';
  for (let index = 0; index < value.length && text.length <= MAX_LENGTH; index++) {
    text += `${index === 0 ? '' : ', '}${renderInside(value[index], depth - 1)}`;
  }
  return `${text}]`;
}

function renderObject(value: object, depth: number): string {
  if (depth === 0) return '{…}';
  let text = '{';
  for (const [name, field] of firstEntries(value)) {
    if (text.length > MAX_LENGTH) break;
    text += `${text === '{' ? '' : ', '}${renderInside(name, 0)}: ${renderInside(field, depth - 1)}`;
  }
  return `${text}}`;
}

function* firstEntries(value: object): Generator<[string, unknown]> {
  // for-in and not Object.entries, which would read every field of a large object.
  for (const name in value) yield [name, Reflect.get(value, name)];
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
