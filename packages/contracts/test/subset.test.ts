import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type { Json, JsonObject } from '../scripts/lib/schemas.ts';
import { reasonsAgainstSubset } from '../scripts/lib/subset.ts';

// The proof must be sound: where it finds no reason against it, no value may pass the narrow schema and fail the
// wide one. Small random schemas over few names and values, and Ajv as the judge.

const name = fc.constantFrom('a', 'b');
const scalar = fc.constantFrom<Json>(null, true, 0, 1, 1.5, 'x', 'xy');
const small = fc.integer({ min: 0, max: 2 });
const type = fc.uniqueArray(fc.constantFrom('string', 'number', 'integer', 'object', 'array', 'null'), {
  minLength: 1,
  maxLength: 3,
});

/** A schema of one to three keywords, at most `depth` deep. */
function schemaOf(depth: number): fc.Arbitrary<JsonObject> {
  const flat: Record<string, fc.Arbitrary<Json>> = {
    type,
    const: scalar,
    enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 3 }),
    required: fc.uniqueArray(name, { maxLength: 2 }),
    minimum: small,
    maximum: small,
    minLength: small,
    maxLength: small,
    maxItems: small,
    pattern: fc.constantFrom('^x', 'y$'),
    uniqueItems: fc.boolean(),
  };
  const deep = (inner: fc.Arbitrary<Json>): Record<string, fc.Arbitrary<Json>> => ({
    properties: fc.dictionary(name, inner, { maxKeys: 2, noNullPrototype: true }),
    additionalProperties: inner,
    items: inner,
    anyOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
    allOf: fc.array(inner, { minLength: 1, maxLength: 2 }),
    if: inner,
    // biome-ignore lint/suspicious/noThenProperty: it is the keyword of JSON Schema
    then: inner,
    else: inner,
  });
  const keywords = depth === 0 ? flat : { ...flat, ...deep(schemaOf(depth - 1)) };
  const entry = fc.oneof(
    ...Object.entries(keywords).map(([keyword, of]) => of.map((given): [string, Json] => [keyword, given])),
  );
  return fc.array(entry, { minLength: 1, maxLength: 3 }).map((entries) => Object.fromEntries(entries));
}

const schema = schemaOf(2);

const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })), {
    maxKeys: 3,
  }),
);

/** Pairs that are alike are where the proof succeeds, and could be wrong. */
const pair: fc.Arbitrary<[JsonObject, JsonObject]> = fc
  .tuple(schema, schema, schema, fc.nat({ max: 4 }))
  .map(([one, other, condition, kind]) => {
    if (kind === 0) return [one, other];
    if (kind === 1) return [{ ...one, ...other }, one];
    if (kind === 2) return [one, { anyOf: [other, one] }];
    if (kind === 3) return [{ allOf: [one, other] }, one];
    return [
      { if: condition, ...branch(one, other) },
      { if: condition, ...branch({}, other) },
    ];
  });

function branch(yes: JsonObject, no: JsonObject): JsonObject {
  return Object.fromEntries([
    ['then', yes],
    ['else', no],
  ]);
}

test('what it proves is true', () => {
  const ajv = new Ajv2020({ strict: false, logger: false, validateSchema: false });
  let proven = 0;
  fc.assert(
    fc.property(pair, fc.array(value, { minLength: 20, maxLength: 20 }), ([narrow, wide], values) => {
      const set = new Map<string, JsonObject>();
      if (reasonsAgainstSubset({ schema: narrow, set }, { schema: wide, set }, '$').length > 0) return;
      proven++;
      const [inNarrow, inWide] = [ajv.compile(narrow), ajv.compile(wide)];
      for (const example of values) {
        if (inNarrow(example))
          expect({ narrow, wide, example, taken: inWide(example) }).toEqual({
            narrow,
            wide,
            example,
            taken: true,
          });
      }
    }),
    { numRuns: 600 },
  );
  expect(proven).toBeGreaterThan(100);
});

test('every schema is within itself, unless it is one of the shapes that are refused for safety', () => {
  let proven = 0;
  let tried = 0;
  fc.assert(
    fc.property(schema, (one) => {
      const set = new Map<string, JsonObject>();
      tried++;
      if (reasonsAgainstSubset({ schema: one, set }, { schema: one, set }, '$').length === 0) proven++;
    }),
    { numRuns: 1000 },
  );
  expect(proven / tried).toBeGreaterThan(0.9);
});
