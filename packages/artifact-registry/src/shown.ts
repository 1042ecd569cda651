const MOST = 100;

/** A value in a few words, for a message: quoted and cut where it is text. Never throws. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > MOST ? `${value.slice(0, MOST)}…` : value);
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}

/** The words of an error, whatever was thrown (in Jest an error of another realm is not `instanceof Error`). */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}
