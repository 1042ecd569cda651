import { contentWordsOf, wordsOf } from './words.ts';

/** A sentence with the distinct meaningful words in it. */
export type Sentence = { text: string; words: ReadonlySet<string> };

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/**
 * Splits paragraphs into sentences by Unicode's rules (UAX #29), in order.
 * Scraps of fewer than three words, and sentences that were there before, are left out.
 */
export function sentencesOf(paragraphs: readonly string[]): Sentence[] {
  const sentences = new Map<string, Sentence>();
  for (const paragraph of paragraphs) {
    for (const { segment } of segmenter.segment(paragraph)) {
      const text = segment.trim();
      if (sentences.has(text) || wordsOf(text).length < 3) continue;
      sentences.set(text, { text, words: new Set(contentWordsOf(text)) });
    }
  }
  return [...sentences.values()];
}
