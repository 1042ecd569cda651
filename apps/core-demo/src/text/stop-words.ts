// The default English set of Apache Lucene (EnglishAnalyzer.ENGLISH_STOP_WORDS_SET).
const LUCENE =
  'a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was will with';

// Pronouns and auxiliaries that Lucene's set leaves in and that fill prose about software.
const AUXILIARIES =
  'also any been can could do does from had has have he how i its just may more must only other our she should so some than them us use used using via we were what when where which who would you your';

/** Words that say nothing about a text's subject. */
export const STOP_WORDS: ReadonlySet<string> = new Set(`${LUCENE} ${AUXILIARIES}`.split(' '));
