import MiniSearch from 'minisearch';
import { defineAgent } from '../agent.ts';
import { type Document, readDocuments } from '../documents.ts';
import { UnusableInputError } from '../errors.ts';
import { inputBlocksOf } from '../text/blocks.ts';
import { keyTerms } from '../text/key-terms.ts';
import { sentencesOf } from '../text/sentences.ts';
import { contentWordsOf } from '../text/words.ts';

type Options = {
  /** How many documents an answer names. */
  limit: number;
  /** A longer text is searched for by this many of its key terms. */
  query_terms: number;
};

type Hit = { document: string; title: string; score: number; passage: string };

/** Finds the documents that a question, or a whole text, is about. The index is made once, at the start. */
export default defineAgent<Options>(
  {
    type: 'object',
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: 50 },
      query_terms: { type: 'integer', minimum: 1, maximum: 50 },
    },
    required: ['limit', 'query_terms'],
    additionalProperties: false,
  },
  async (options, { documentsDir }) => {
    const documents = new Map((await readDocuments(documentsDir)).map((document) => [document.id, document]));
    const index = new MiniSearch<Document>({
      fields: ['title', 'text'],
      tokenize: contentWordsOf,
      processTerm: (term) => term,
      searchOptions: { boost: { title: 2 } },
    });
    index.addAll([...documents.values()]);
    return {
      model: 'minisearch-bm25',
      run({ input, inputType }) {
        const query = queryOf(input, inputType, options.query_terms);
        const found = index.search(query.join(' '));
        const hits = found
          .slice(0, options.limit)
          .map(({ id, score }) => hitOf(documents.get(id), score, query));
        return {
          response: render(hits, query),
          data: { query, found: found.length, hits },
          measures: {
            hits: Math.min(found.length, options.limit) / Math.min(documents.size, options.limit) || 0,
            match: (found[0]?.queryTerms.length ?? 0) / query.length,
          },
        };
      },
    };
  },
);

function queryOf(input: string, inputType: string, limit: number): string[] {
  const text = inputBlocksOf(input, inputType)
    .map((block) => block.text)
    .join('\n');
  const query = keyTerms(text, limit).map(({ term }) => term);
  if (query.length === 0) {
    throw new UnusableInputError(
      'The input has no words to search for; send a question or a text with words in it.',
    );
  }
  return query;
}

function hitOf(document: Document | undefined, score: number, query: readonly string[]): Hit {
  const { id, title, prose } = document ?? { id: '', title: '', prose: [] };
  return { document: id, title, score: Number(score.toFixed(4)), passage: bestPassage(prose, query) };
}

/** The sentence with the most of the query's terms, the earliest among equals. */
function bestPassage(prose: readonly string[], query: readonly string[]): string {
  let best = { text: '', shared: -1 };
  for (const sentence of sentencesOf(prose)) {
    const shared = query.filter((term) => sentence.words.has(term)).length;
    if (shared > best.shared) best = { text: sentence.text, shared };
  }
  return best.text;
}

function render(hits: readonly Hit[], query: readonly string[]): string {
  if (hits.length === 0) return `No document speaks of: ${query.join(', ')}`;
  return hits.map(({ document, title, passage }) => `${document}: ${title}\n  ${passage}`).join('\n');
}
