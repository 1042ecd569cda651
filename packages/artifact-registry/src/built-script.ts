/**
 * The script of a worker thread, by its place in `dist`. A thread runs without the test runner's transform, so from a .ts
 * source it is the built script too.
 */
export function builtScript(place: string): URL {
  return new URL(import.meta.url.endsWith('.ts') ? `../dist/${place}` : `./${place}`, import.meta.url);
}
