import { UnusableInputError } from '../errors.ts';

/** The longest Markdown, in UTF-16 units. */
const MAX_LENGTH = 24 * 1024;
/** Quotes and lists inside each other that one line may open, and how far in the last of them may stand (columns). */
const MAX_DEPTH = 8;
const MAX_COLUMN = 40;
/** Quotes, and lists inside lists or quotes, that are opened over the whole text. */
const MAX_NESTED = 300;
/** Runs of `*` or `_`, and square brackets, between two blank lines. */
const MAX_DELIMITERS = 600;

const LINE_END = /\r\n|\n|\r/;
const CONTAINER = /[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$))/gy;
const DELIMITER = /\*+|_+|[[\]]/g;

/**
 * Throws `UnusableInputError` for Markdown that would take a parser too long: its time grows with the square of
 * nesting and of delimiters. Linear in the input, and the same for the same input whatever the machine.
 */
export function refuseCostlyMarkdown(input: string): void {
  if (input.length > MAX_LENGTH) {
    refuse(`has ${input.length} characters, more than ${MAX_LENGTH}; send it in parts`);
  }
  let delimiters = 0;
  let nested = 0;
  for (const [index, line] of input.split(LINE_END).entries()) {
    const { depth, quotes, column } = containersOf(line);
    if (depth > MAX_DEPTH || (depth > 0 && column > MAX_COLUMN)) {
      refuse(
        `opens quotes or lists deeper than ${MAX_DEPTH} or past column ${MAX_COLUMN} in line ${index + 1}`,
      );
    }
    nested += quotes > 0 ? depth : Math.max(0, depth - 1);
    delimiters = line.trim() === '' ? 0 : delimiters + (line.match(DELIMITER)?.length ?? 0);
    if (delimiters > MAX_DELIMITERS) {
      refuse(`has more than ${MAX_DELIMITERS} of * _ [ ] in the paragraph of line ${index + 1}`);
    }
  }
  if (nested > MAX_NESTED) refuse(`opens more than ${MAX_NESTED} quotes and lists inside each other`);
}

function refuse(problem: string): never {
  throw new UnusableInputError(`The Markdown ${problem}; or send it as input_type "text".`);
}

/** How many quotes and lists a line may open, how many of them are quotes, and the column of the last (a tab is 4). */
function containersOf(line: string): { depth: number; quotes: number; column: number } {
  let depth = 0;
  let quotes = 0;
  let column = 0;
  for (const [opened] of line.matchAll(CONTAINER)) {
    depth++;
    if (opened.endsWith('>')) quotes++;
    column += opened.length + 3 * (opened.split('\t').length - 1);
  }
  return { depth, quotes, column };
}
