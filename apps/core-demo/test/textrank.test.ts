import { describe, expect, test } from '@jest/globals';
import { sentencesOf } from '../src/text/sentences.ts';
import { textRank } from '../src/text/textrank.ts';
import { PLAIN } from './support/texts.ts';

const words = (...sentences: string[]) => sentences.map((sentence) => new Set(sentence.split(' ')));

describe('textRank', () => {
  test('ranks are a probability distribution', () => {
    const ranks = textRank(sentencesOf([PLAIN]).map((sentence) => sentence.words));
    expect(ranks).toHaveLength(6);
    expect(ranks.reduce((sum, rank) => sum + rank, 0)).toBeCloseTo(1, 9);
    expect(Math.min(...ranks)).toBeGreaterThan(0);
  });

  test('the sentence that shares words with all others comes first, one that shares none last', () => {
    const ranks = textRank(words('a b c d', 'a b x y', 'c d z w', 'p q r s'));
    expect(ranks.indexOf(Math.max(...ranks))).toBe(0);
    expect(ranks.indexOf(Math.min(...ranks))).toBe(3);
  });

  test('agrees with a star graph solved by hand', () => {
    // The centre shares one word with each of three leaves, which share none with one another: all edges weigh the
    // same. With d = 0.85: leaf = 0.15/4 + 0.85 × centre/3, centre = 0.15/4 + 0.85 × 3 leaves, all four sum to 1.
    const [centre, ...leaves] = textRank(words('a b c', 'a x y', 'b p q', 'c r s'));
    const solved = (0.0375 + 0.85 * (1 - 0)) / 1.85;
    expect(centre).toBeCloseTo(solved, 5);
    for (const leaf of leaves) expect(leaf).toBeCloseTo((1 - solved) / 3, 5);
  });

  test('equal sentences get equal ranks; one sentence gets all; none gives none', () => {
    expect(textRank(words('a b', 'a b', 'a b')).map((rank) => rank.toFixed(9))).toEqual(
      Array(3).fill('0.333333333'),
    );
    expect(textRank(words('a b'))).toEqual([1]);
    expect(textRank([])).toEqual([]);
  });

  test('one-word sentences divide nothing by zero', () => {
    for (const rank of textRank(words('a', 'a', 'a b'))) expect(rank).toBeCloseTo(1 / 3, 9);
  });
});
