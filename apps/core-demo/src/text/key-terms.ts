import { contentWordsOf, frequencies } from './words.ts';

export type KeyTerm = { term: string; count: number };

/** The most frequent meaningful words of a text, most frequent first, equal ones in order of first occurrence. */
export function keyTerms(text: string, limit: number): KeyTerm[] {
  return [...frequencies(contentWordsOf(text))]
    .map(([term, count]) => ({ term, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, limit);
}
