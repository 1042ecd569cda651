const MASK = '***';
/** Whatever has so many characters in a row in common with a secret is masked: an answer may quote it cut or escaped. */
const TELLING = 8;

/** What must never be printed. What goes to stderr passes `mask`, and results `maskResult` or `maskJson`, whoever wrote it. */
export class Secrets {
  /** Pieces of secrets, each of at most TELLING characters. */
  readonly #pieces = new Set<string>();

  /** Keeps a token, a password or a key from being printed, also in the forms in which URLs and headers carry it. */
  add(secret: string): void {
    for (const line of secret.split('\n')) {
      const text = line.trim();
      if (text === '' || text.startsWith('-----')) continue; // the frame of a PEM file tells nothing
      const plain = decoded(text);
      for (const form of [text, plain, encodeURIComponent(plain), base64(plain)]) this.#addPieces(form);
    }
  }

  mask(text: string): string {
    return this.#masked(text, false);
  }

  /** Masks a secret of a few characters only where it stands by itself: else every digest had some of it. */
  maskResult(text: string): string {
    return this.#masked(text, true);
  }

  /**
   * `maskResult` of what the strings of a valid JSON text say. It stays JSON, and stays as it is to the byte where
   * nothing is masked.
   */
  maskJson(text: string): string {
    if (this.#pieces.size === 0) return text;
    let masked = '';
    let end = 0;
    for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', end)) {
      masked += text.slice(end, at);
      end = endOfString(text, at);
      masked += this.#maskedLiteral(text.slice(at, end));
    }
    return masked + text.slice(end);
  }

  #maskedLiteral(literal: string): string {
    const said = String(JSON.parse(literal));
    const masked = this.maskResult(said);
    return masked === said ? literal : JSON.stringify(masked);
  }

  #masked(text: string, isResult: boolean): string {
    let masked = '';
    let end = 0; // of what is copied or masked
    for (let at = 0; at < text.length; at += 1) {
      const length = this.#lengthAt(text, at, isResult);
      if (length === 0) continue;
      if (at > end || end === 0) masked += `${text.slice(end, at)}${MASK}`;
      end = Math.max(end, at + length);
    }
    return masked + text.slice(end);
  }

  /** How many characters of the text, from here on, are a piece of a secret. */
  #lengthAt(text: string, at: number, isResult: boolean): number {
    for (let length = TELLING; length > 0; length -= 1) {
      if (!this.#pieces.has(text.slice(at, at + length))) continue;
      const isAlone = !isWord(text[at - 1]) && !isWord(text[at + length]);
      if (isAlone || !isResult || length === TELLING) return length;
    }
    return 0;
  }

  #addPieces(text: string): void {
    for (let at = 0; at + TELLING <= text.length; at += 1) this.#pieces.add(text.slice(at, at + TELLING));
    if (text.length < TELLING) this.#pieces.add(text);
  }
}

/** Behind the quote that ends the string of a JSON text that begins here. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isWord(character = ''): boolean {
  return /[A-Za-z0-9]/.test(character);
}

/** A URL as it may be shown: without user name and password. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, `//${MASK}@`);
}

/** What was meant as a URL, as it may be shown. Nobody knows where a password in it ends, so all before the last @ goes. */
export function withoutAnyCredentials(url: string): string {
  return url.replace(/^\s*(https?:\/\/)?.*(?:@|%40)/is, `$1${MASK}@`);
}

/** Without percent signs: a password in a URL is written with them, and sent without. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
