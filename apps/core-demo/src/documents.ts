import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { blocksOf, proseOf } from './text/blocks.ts';

/** A document that agents may read: its file name, its title, all its text free of mark-up, and its paragraphs. */
export type Document = { id: string; title: string; text: string; prose: string[] };

/**
 * Reads the `.md` and `.txt` files directly in a folder, in order of name.
 * Rejects when the folder cannot be read; a folder without such files is an empty list.
 */
export async function readDocuments(folder: string): Promise<Document[]> {
  const names = (await readdir(folder)).filter((name) => /\.(md|txt)$/i.test(name)).sort();
  return Promise.all(names.map(async (name) => documentOf(name, await readFile(join(folder, name), 'utf8'))));
}

function documentOf(name: string, content: string): Document {
  const blocks = blocksOf(content, /\.md$/i.test(name) ? 'markdown' : 'text');
  const title = blocks.find((block) => block.kind === 'heading')?.text ?? basename(name, extname(name));
  return { id: name, title, text: blocks.map((block) => block.text).join('\n'), prose: proseOf(blocks) };
}
