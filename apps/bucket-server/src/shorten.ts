/** The most characters of a value from outside that a message or a log line shows. */
const SHOWN_CHARACTERS = 100;

/** A text for people: the whole of it, or its beginning and how long it is. */
export function shorten(text: string): string {
  if (text.length <= SHOWN_CHARACTERS) return text;
  return `${text.slice(0, SHOWN_CHARACTERS)}... (${text.length} characters)`;
}
