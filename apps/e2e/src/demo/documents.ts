import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A README: the package that it belongs to and its text. */
export type Readme = { name: string; text: string };

/**
 * The READMEs of the packages that pnpm installed under `store` (`node_modules/.pnpm`), in order of their path, each
 * text once, cut off after `maxChars`. Too short ones (under 200 characters) say nothing and are left out.
 */
export async function readmesIn(store: string, maxChars: number): Promise<Readme[]> {
  const readmes = new Map<string, Readme>();
  for (const folder of (await packageFolders(store)).sort()) {
    const file = (await readdir(folder)).find((name) => /^readme\.md$/i.test(name));
    if (file === undefined) continue;
    // By code points: a cut within a surrogate pair would leave half a character.
    const text = [...(await readFile(join(folder, file), 'utf8'))].slice(0, maxChars).join('');
    const digest = createHash('sha256').update(text).digest('hex');
    if (text.length >= 200 && !readmes.has(digest)) readmes.set(digest, { name: folder, text });
  }
  return [...readmes.values()];
}

/** `.pnpm/<name>@<version>/node_modules/<name>`: the one real folder there, the rest being links to others. */
async function packageFolders(store: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await foldersIn(store)) {
    for (const folder of await foldersIn(join(store, entry, 'node_modules'))) {
      const path = join(store, entry, 'node_modules', folder);
      if (!folder.startsWith('@')) found.push(path);
      else found.push(...(await foldersIn(path)).map((name) => join(path, name)));
    }
  }
  return found;
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException): Dirent[] => {
      // Not every entry of the store is a package.
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
