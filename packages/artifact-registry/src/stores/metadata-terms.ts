import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** A term that is longer is kept as its SHA-256: engines bound the length of what they index. */
const MAX_TERM_CHARACTERS = 200;

/**
 * One term for each member at the top of metadata, the same for two members exactly where their names are the same and
 * their values equal as JSON (the order of keys and `1` or `1.0` make no difference). With them an engine finds versions
 * by metadata without knowing JSON, and every engine finds the same ones. `text` is the JSON text of an object.
 */
export function metadataTerms(text: string): string[] {
  return Object.entries(parseObject(text)).map(([key, value]) => {
    const term = `${JSON.stringify(key)}:${canonicalize(value)}`;
    if (term.length <= MAX_TERM_CHARACTERS) return term;
    return `sha256:${createHash('sha256').update(term).digest('hex')}`;
  });
}

/** Whether two JSON texts stand for equal values. */
export function sameJson(one: string, other: string): boolean {
  return one === other || canonicalize(JSON.parse(one)) === canonicalize(JSON.parse(other));
}

function parseObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null)
    throw new Error(`${text} is not the JSON text of an object`);
  return { ...value };
}
