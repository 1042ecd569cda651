import fc from 'fast-check';

const blanks = fc.stringMatching(/^[ \t\n\r]{0,3}$/);

/** A character of a string as JSON may write it: itself, a short escape or \uXXXX in either case. */
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'abcxyz 019_-{}[],:é😀\u2028') },
  { weight: 2, arbitrary: fc.constantFrom('\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t') },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((code) => `\\u${hex(code)}`) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 0xffff }).map((code) => `\\u${hex(code).toUpperCase()}`),
  },
);

function hex(code: number): string {
  return code.toString(16).padStart(4, '0');
}

const stringText = fc.array(character, { maxLength: 12 }).map((characters) => `"${characters.join('')}"`);

const scalarText = fc.oneof(
  stringText,
  fc.constantFrom('null', 'true', 'false', '0', '-0', '1.0', '1e400', '12345678901234567890', '-1.5E-7'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);

/** A name written as JSON, each of its characters perhaps as an escape: "event_d\u0061ta". */
export function spelledName(name: string): fc.Arbitrary<string> {
  const flags = fc.array(fc.boolean(), { minLength: name.length, maxLength: name.length });
  return flags.map((escaped) => {
    const characters = [...name].map((letter, index) =>
      escaped[index] ? `\\u${hex(letter.charCodeAt(0))}` : letter,
    );
    return `"${characters.join('')}"`;
  });
}

function containers(value: fc.Arbitrary<string>, names: readonly string[]): fc.Arbitrary<string> {
  const key = fc.oneof(stringText, ...names.map(spelledName));
  const member = fc
    .tuple(key, blanks, blanks, value)
    .map(([name, before, after, text]) => `${name}${before}:${after}${text}`);
  const list = (items: fc.Arbitrary<string>, open: string, close: string) =>
    fc
      .array(
        fc.tuple(blanks, items, blanks).map((parts) => parts.join('')),
        { maxLength: 6 },
      )
      .chain((texts) => (texts.length > 0 ? fc.constant(texts.join(',')) : blanks))
      .map((inside) => open + inside + close);
  return fc.oneof(list(member, '{', '}'), list(value, '[', ']'));
}

/** Any JSON text, with odd white space, escapes and duplicate keys; keys are often among `names`. */
export function jsonText(names: readonly string[]): fc.Arbitrary<string> {
  const nested = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, scalarText, containers(tie('value'), names)),
  }));
  return nested.value;
}

/** The text of any JSON object, see `jsonText`. */
export function objectText(names: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(blanks, containers(jsonText(names), names), blanks)
    .filter(([, text]) => text.startsWith('{'))
    .map((parts) => parts.join(''));
}
