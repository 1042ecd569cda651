/**
 * A string as the JSON text that stands for it. JSON.stringify escapes U+0000 and lone surrogates, so the text is plain
 * UTF-8 and two different strings never become the same one.
 */
export function encodeString(value: string): string {
  return JSON.stringify(value);
}

/** The reverse of `encodeString`. */
export function decodeString(text: string): string {
  return String(JSON.parse(text));
}

/** A JSON array of strings, decoded. */
export function decodeStrings(text: string): string[] {
  const values: unknown = JSON.parse(text);
  if (!Array.isArray(values))
    throw new Error(`The event store holds ${text} where an array of strings should be.`);
  return values.map(String);
}
