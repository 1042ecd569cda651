/** The value at a path of object keys and array indexes; undefined when there is none. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.getOwnPropertyDescriptor(found, key)?.value;
  }
  return found;
}

/** The number at a path. Throws when there is none: a figure that is not known must not count as 0. */
export function numberAt(value: unknown, ...path: readonly string[]): number {
  const found = valueAt(value, ...path);
  if (typeof found !== 'number')
    throw new Error(`There is no number at ${path.join('.')}, but ${JSON.stringify(found)}`);
  return found;
}
