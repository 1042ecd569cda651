const MASK = '***';

/** What must never be printed. Everything that goes to stderr passes `mask`, whoever wrote it. */
export class Secrets {
  readonly #texts = new Set<string>();

  /** Keeps a token, a password or a key from being printed, also as JSON and in the forms that HTTP gives it. */
  add(secret: string): void {
    const text = secret.trim();
    if (text === '') return;
    for (const form of [
      text,
      decoded(text),
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text),
      base64(decoded(text)),
    ]) {
      this.#texts.add(form);
    }
    // of a PEM file each line is telling
    if (text.includes('\n')) {
      for (const line of text.split('\n')) {
        if (line.length >= 16 && !line.startsWith('-----')) this.#texts.add(line.trim());
      }
    }
  }

  mask(text: string): string {
    // the longest first: one secret may be a part of another
    const longestFirst = [...this.#texts].sort((a, b) => b.length - a.length);
    return longestFirst.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  }
}

/** A URL as it may be shown: without user name and password. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, `//${MASK}@`);
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
