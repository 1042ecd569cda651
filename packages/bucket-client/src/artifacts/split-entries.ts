const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The text around the entries, and each entry by itself, may have so many characters. */
const MAX_PART = 64 * 1024;

/**
 * Takes `{"versions": [{...}, ...]}` apart as it comes: gives the text of each entry by itself, so that a list of any
 * length is parsed bit by bit, and keeps the text around them for the end. It only counts brackets and quotes;
 * whether the parts are JSON is for JSON.parse to say.
 */
export class EntrySplitter {
  #around = '';
  #entry = '';
  #depth = 0;
  /** Whether the array at depth 2 is that of the entries. */
  #inList = false;
  #inEntry = false;
  #inString = false;
  #escaped = false;

  /** The text without the entries: `{"versions":[]}`, and what else there is. */
  get around(): string {
    return this.#around + this.#entry;
  }

  /** The entries that this text completes. Throws a RangeError where a part is too long. */
  push(text: string): string[] {
    const entries: string[] = [];
    let start = 0;
    const keep = (end: number): void => {
      if (this.#inEntry) this.#entry += text.slice(start, end);
      else this.#around += text.slice(start, end);
      start = end;
      if (this.#entry.length > MAX_PART || this.#around.length > MAX_PART) {
        throw new RangeError(`a part of it has over ${MAX_PART} characters`);
      }
    };
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#inString) this.#passString(code);
      else if (code === QUOTE) this.#inString = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        if (this.#depth === 1 || this.#isBetween) keep(at);
        this.#opened(code);
      } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        this.#depth -= 1;
        if (this.#inEntry && this.#depth === 2) {
          keep(at + 1);
          entries.push(this.#entry);
          this.#entry = '';
          this.#inEntry = false;
        } else if (this.#depth === 1) this.#inList = false;
      } else if (code === COMMA && this.#isBetween) {
        keep(at);
        start = at + 1;
      }
    }
    keep(text.length);
    return entries;
  }

  /** Inside the list and outside of its entries. */
  get #isBetween(): boolean {
    return this.#inList && !this.#inEntry && this.#depth === 2;
  }

  #opened(code: number): void {
    if (this.#isBetween) this.#inEntry = true;
    else if (this.#depth === 1 && code === OPEN_BRACKET)
      this.#inList = /"versions"\s*:\s*$/.test(this.#around);
    this.#depth += 1;
  }

  #passString(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inString = false;
  }
}
