import { describe, expect, test } from '@jest/globals';
import { REQUESTER_ID } from '../src/index.ts';
import { check, checkAcceptedEvent, checkEnvelope, checkShardList } from '../src/validators.ts';
import { CATEGORIES, FAMILIES, textVectors, vectorFiles, vectorsOf } from './vectors.ts';

test.each(FAMILIES)(
  'every schema of $family has a file of vectors, and every file a schema',
  ({ family, names }) => {
    expect(vectorFiles(family)).toEqual([...names]);
  },
);

const SCHEMAS = FAMILIES.flatMap(({ family, names }) => names.map((name) => ({ family, name })));

describe.each(SCHEMAS)('$family $name', ({ family, name }) => {
  const vectors = vectorsOf(family, name);

  test('has valid and invalid vectors, each described once', () => {
    expect(vectors.some(({ valid }) => valid)).toBe(true);
    expect(vectors.some(({ valid }) => !valid)).toBe(true);
    const descriptions = vectors.map(({ description }) => description);
    expect(new Set(descriptions).size).toBe(descriptions.length);
  });

  test.each(vectors)('$description', (vector) => {
    const found = check(name, vector.data).map(({ rule, field }) => ({
      error: CATEGORIES[rule] ?? rule,
      field,
    }));
    // An invalid vector has one thing wrong with it, so that every validator finds the same.
    expect(found).toEqual(vector.valid ? [] : [{ error: vector.error, field: vector.field || 'value' }]);
  });
});

test('a manifest is a list of shards too, for a tool that knows no chunks', () => {
  const manifests = vectorsOf('manifest-v1', 'manifest').filter(({ valid }) => valid);
  for (const { data } of manifests) expect(checkShardList(data)).toEqual([]);
});

describe('the text of a whole body, checked in the order of CONTRACT A1', () => {
  test.each(textVectors())('$description', (vector) => {
    expect(answerTo(vector.text)).toBe(vector.valid ? undefined : vector.error);
  });
});

function answerTo(text: string): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'invalid_json';
  }
  if (checkEnvelope(body).length > 0) return 'invalid_envelope';
  // The check above has found both fields.
  const { requester_id, event_data } = body as { requester_id: string; event_data: object };
  if (requester_id !== REQUESTER_ID) return 'requester_not_allowed';
  return checkAcceptedEvent(event_data).length > 0 ? 'invalid_event' : undefined;
}
