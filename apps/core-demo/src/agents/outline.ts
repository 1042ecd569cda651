import { defineAgent } from '../agent.ts';
import { UnusableInputError } from '../errors.ts';
import { type Block, inputBlocksOf } from '../text/blocks.ts';
import { type KeyTerm, keyTerms } from '../text/key-terms.ts';
import { contentWordsOf, wordsOf } from '../text/words.ts';

type Options = {
  /** How many key terms the outline names. */
  key_terms: number;
};

type Section = { depth: number; heading: string; words: number };

/** Turns a text into its outline: sections with their lengths, and the terms that it is about. */
export default defineAgent<Options>(
  {
    type: 'object',
    properties: { key_terms: { type: 'integer', minimum: 1, maximum: 50 } },
    required: ['key_terms'],
    additionalProperties: false,
  },
  (options) => ({
    model: 'outline',
    run({ input, inputType }) {
      const blocks = inputBlocksOf(input, inputType);
      const text = blocks.map((block) => block.text).join('\n');
      if (contentWordsOf(text).length === 0) {
        throw new UnusableInputError(
          'The input has no words to outline; send text or Markdown with words in it.',
        );
      }
      const sections = sectionsOf(blocks);
      const terms = keyTerms(text, options.key_terms);
      return {
        response: render(sections, terms),
        data: { sections, key_terms: terms },
        measures: qualityOf(sections, terms, text),
      };
    },
  }),
);

/** Sections by headings where there are any; else every paragraph is one, called by its first words. */
function sectionsOf(blocks: readonly Block[]): Section[] {
  const hasHeadings = blocks.some((block) => block.kind === 'heading');
  const sections: Section[] = [];
  for (const block of blocks) {
    const words = wordsOf(block.text).length;
    const last = sections.at(-1);
    if (block.kind === 'heading') sections.push({ depth: block.depth, heading: block.text, words: 0 });
    else if (!hasHeadings || last === undefined)
      sections.push({ depth: 1, heading: opening(block.text), words });
    else last.words += words;
  }
  return sections;
}

function opening(text: string): string {
  const words = text.split(' ');
  return words.length <= 8 ? text : `${words.slice(0, 8).join(' ')} ...`;
}

function render(sections: readonly Section[], terms: readonly KeyTerm[]): string {
  const lines = sections.map(
    ({ depth, heading, words }) => `${'  '.repeat(depth - 1)}- ${heading} (${words} words)`,
  );
  return [...lines, `Key terms: ${terms.map(({ term }) => term).join(', ')}`].join('\n');
}

/** Structure: how evenly the sections divide the text. Terms: the share of the text that the key terms stand for. */
function qualityOf(sections: readonly Section[], terms: readonly KeyTerm[], text: string) {
  const lengths = sections.map(({ words }) => words);
  const all = lengths.reduce((sum, words) => sum + words, 0);
  const counted = terms.reduce((sum, { count }) => sum + count, 0);
  return {
    structure: all === 0 ? 0 : 1 - Math.max(...lengths) / all,
    terms: counted / contentWordsOf(text).length,
  };
}
