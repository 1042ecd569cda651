import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Files of some size that nobody made for a test, wherever this is run: programs, libraries, a large source. */
export function realFiles(): { readonly id: string; readonly path: string }[] {
  const sqlite = dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json'));
  const paths = [
    process.execPath,
    join(sqlite, 'build', 'Release', 'better_sqlite3.node'),
    join(sqlite, 'deps', 'sqlite3', 'sqlite3.c'),
  ];
  return paths.map((path) => ({ id: basename(path), path }));
}
