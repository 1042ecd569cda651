/** A stretch of a text: from `start`, up to but not including `end`, in UTF-16 code units. */
export type Span = { readonly start: number; readonly end: number };

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/**
 * Where the values of the given members stand in the text of a JSON object. Of a name that occurs more than once it is
 * the last, which is the one that JSON.parse takes. A name may be written with escapes ("event_d\u0061ta").
 *
 * Written by hand because JSON.parse gives values, and the text of a value (12345678901234567890, 1.0, the order of
 * keys) is what Bucket has to give back. It needs a text that JSON.parse has accepted as an object; nesting of any
 * depth costs no stack.
 */
export function findMembers(objectText: string, names: readonly string[]): Map<string, Span> {
  const found = new Map<string, Span>();
  let position = skipBlanks(objectText, skipBlanks(objectText, 0) + 1);
  while (objectText.charCodeAt(position) === QUOTE) {
    const keyEnd = endOfString(objectText, position);
    const name = decodeKey(objectText.slice(position, keyEnd));
    const start = skipBlanks(objectText, skipBlanks(objectText, keyEnd) + 1);
    const end = endOfValue(objectText, start);
    if (names.includes(name)) found.set(name, { start, end });
    position = skipBlanks(objectText, end);
    if (objectText.charCodeAt(position) === COMMA) position = skipBlanks(objectText, position + 1);
  }
  return found;
}

// Comparisons, not look-ups in a set: every character of every event passes here.

/** { or [ */
function isOpener(code: number): boolean {
  return code === 0x7b || code === 0x5b;
}

/** } or ] */
function isCloser(code: number): boolean {
  return code === 0x7d || code === 0x5d;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d;
}

function skipBlanks(text: string, from: number): number {
  let position = from;
  while (isBlank(text.charCodeAt(position))) position += 1;
  return position;
}

function decodeKey(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

function endOfString(text: string, openingQuote: number): number {
  let quote = openingQuote;
  do {
    quote = text.indexOf('"', quote + 1);
    if (quote === -1) throw new SyntaxError('a string in the JSON text does not end');
  } while (isEscaped(text, quote));
  return quote + 1;
}

/** A quote is escaped when an odd number of backslashes stands before it. */
function isEscaped(text: string, quote: number): boolean {
  let position = quote;
  while (text.charCodeAt(position - 1) === BACKSLASH) position -= 1;
  return (quote - position) % 2 === 1;
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  return isOpener(first) ? endOfContainer(text, start) : endOfScalar(text, start);
}

function endOfContainer(text: string, start: number): number {
  let depth = 0;
  let position = start;
  do {
    const code = text.charCodeAt(position);
    if (code === QUOTE) {
      position = endOfString(text, position);
      continue;
    }
    if (isOpener(code)) depth += 1;
    else if (isCloser(code)) depth -= 1;
    position += 1;
  } while (depth > 0 && position < text.length);
  return position;
}

function endOfScalar(text: string, start: number): number {
  let position = start;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code === COMMA || isCloser(code) || isBlank(code)) break;
    position += 1;
  }
  return position;
}
