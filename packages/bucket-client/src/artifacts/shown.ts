const MOST = 100;

/** A value in a few words, for a message: quoted and cut where it is text. Never throws. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > MOST ? `${value.slice(0, MOST)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** Text of somebody else's that goes into a message: no control characters, and not endless. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 1000);
}

/** The words of an error, whatever was thrown: a system's error with its code, which tells more than the message. */
export function wordsOf(error: unknown): string {
  try {
    if (typeof error !== 'object' || error === null) return printable(String(error));
    const { code, message }: { code?: unknown; message?: unknown } = error;
    const words = typeof message === 'string' ? printable(message) : '';
    return typeof code === 'string' && !words.includes(code) ? `${code} ${words}`.trim() : words;
  } catch {
    return 'a value that cannot be shown';
  }
}
