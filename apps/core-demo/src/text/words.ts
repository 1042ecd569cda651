import { STOP_WORDS } from './stop-words.ts';

// Letters and digits, held together by an inner apostrophe, hyphen, dot or underscore: don't, re-use, node.js.
const WORD = /[\p{L}\p{N}]+(?:['’._-][\p{L}\p{N}]+)*/gu;

/** All words of a text in order, in lower case. For languages that put spaces between words. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}

/** The words that carry meaning: without function words, single characters and bare numbers. */
export function contentWordsOf(text: string): string[] {
  return wordsOf(text).filter((word) => word.length > 1 && !STOP_WORDS.has(word) && !/^[\d.]+$/.test(word));
}

/** How often each word occurs, in order of first occurrence. */
export function frequencies(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Cosine of the angle between two word-frequency vectors: 1 for the same distribution, 0 for nothing shared. */
export function cosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let dot = 0;
  for (const [word, count] of a) dot += count * (b.get(word) ?? 0);
  return dot === 0 ? 0 : dot / (length(a) * length(b));
}

function length(vector: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of vector.values()) sum += count * count;
  return Math.sqrt(sum);
}
