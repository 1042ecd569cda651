import { describe, expect, test } from '@jest/globals';
import { blocksOf, proseOf } from '../src/text/blocks.ts';
import { keyTerms } from '../src/text/key-terms.ts';
import { sentencesOf } from '../src/text/sentences.ts';
import { contentWordsOf, cosine, frequencies, wordsOf } from '../src/text/words.ts';
import { MARKDOWN, PLAIN } from './support/texts.ts';

describe('words', () => {
  test('are lower case, and keep inner apostrophes, hyphens and dots', () => {
    expect(wordsOf("Don't re-use Node.js; ÜBER 3.5 times.")).toEqual([
      "don't",
      're-use',
      'node.js',
      'über',
      '3.5',
      'times',
    ]);
  });

  test('with meaning leave out function words, single characters and bare numbers', () => {
    expect(contentWordsOf('The events of a task are 42 x events')).toEqual(['events', 'task', 'events']);
  });

  test('cosine is 1 for the same distribution, 0 for nothing shared or nothing at all', () => {
    const ab = frequencies(['a', 'b']);
    expect(cosine(ab, frequencies(['b', 'a', 'b', 'a']))).toBeCloseTo(1, 12);
    expect(cosine(ab, frequencies(['c']))).toBe(0);
    expect(cosine(ab, frequencies([]))).toBe(0);
    expect(cosine(ab, frequencies(['a']))).toBeCloseTo(Math.SQRT1_2, 12);
  });
});

describe('blocks', () => {
  test('of Markdown are headings and prose, free of code, tables and badges', () => {
    const blocks = blocksOf(MARKDOWN, 'markdown');
    expect(blocks[0]).toEqual({ kind: 'heading', depth: 1, text: 'Events' });
    expect(proseOf(blocks)).toEqual([
      'Bucket stores events. Core writes events after every task.',
      'Core may read a context before a task. The context never changes an answer.',
      'Writes never block Core.',
      'Writes never throw errors into Core.',
    ]);
  });

  test('of plain text are its paragraphs, whatever they look like', () => {
    expect(blocksOf('# not a heading\nsame paragraph\n \n\nanother', 'text')).toEqual([
      { kind: 'prose', text: '# not a heading same paragraph' },
      { kind: 'prose', text: 'another' },
    ]);
  });
});

describe('sentences', () => {
  test('are found within paragraphs, once each, without scraps', () => {
    const texts = sentencesOf([
      'One is here now. Two is here now. Hm.',
      'One is here now. Three e.g. this one stays.',
    ]).map(({ text }) => text);
    expect(texts).toEqual(['One is here now.', 'Two is here now.', 'Three e.g. this one stays.']);
  });
});

test('key terms come by frequency, equal ones by first occurrence', () => {
  expect(keyTerms(PLAIN, 3)).toEqual([
    { term: 'bucket', count: 7 },
    { term: 'core', count: 4 },
    { term: 'events', count: 3 },
  ]);
});
