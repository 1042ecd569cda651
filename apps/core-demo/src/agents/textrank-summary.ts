import { defineAgent } from '../agent.ts';
import { UnusableInputError } from '../errors.ts';
import { inputBlocksOf, proseOf } from '../text/blocks.ts';
import { type Sentence, sentencesOf } from '../text/sentences.ts';
import { textRank } from '../text/textrank.ts';
import { contentWordsOf, cosine, frequencies } from '../text/words.ts';

type Options = {
  /** How many sentences the summary has. */
  sentences: number;
  /** Sentences beyond this many are not looked at: time grows with the square. */
  max_sentences: number;
};

/** A summary made of the text's own most central sentences, in the order in which they stand there. */
export default defineAgent<Options>(
  {
    type: 'object',
    properties: {
      sentences: { type: 'integer', minimum: 1, maximum: 20 },
      max_sentences: { type: 'integer', minimum: 20, maximum: 1000 },
    },
    required: ['sentences', 'max_sentences'],
    additionalProperties: false,
  },
  (options) => ({
    model: 'textrank',
    run({ input, inputType }) {
      const prose = proseOf(inputBlocksOf(input, inputType));
      const sentences = sentencesOf(prose).slice(0, options.max_sentences);
      if (sentences.length === 0) {
        throw new UnusableInputError('The input has no sentence of three words or more; send running text.');
      }
      const chosen = mostCentral(sentences, options.sentences);
      const response = chosen.map(({ text }) => text).join(' ');
      return {
        response,
        data: { sentences: chosen.length, of: sentences.length },
        measures: qualityOf(response, prose.join(' ')),
      };
    },
  }),
);

function mostCentral(sentences: readonly Sentence[], limit: number): Sentence[] {
  const ranks = textRank(sentences.map(({ words }) => words));
  return sentences
    .map((sentence, index) => ({ sentence, index, rank: ranks[index] ?? 0 }))
    .sort((a, b) => b.rank - a.rank || a.index - b.index)
    .slice(0, limit)
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence);
}

/** Coverage: how well the summary's words stand for the text's. Compression: how much shorter it is. */
function qualityOf(summary: string, text: string): { coverage: number; compression: number } {
  return {
    coverage: cosine(frequencies(contentWordsOf(summary)), frequencies(contentWordsOf(text))),
    compression: Math.max(0, 1 - summary.length / text.length),
  };
}
