import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { toString as textOf } from 'mdast-util-to-string';
import { gfmTable } from 'micromark-extension-gfm-table';
import { refuseCostlyMarkdown } from './markdown-limits.ts';

/** A text taken apart: headings (depth 1 to 6) and paragraphs of prose, in order, free of mark-up. */
export type Block = { kind: 'heading'; depth: number; text: string } | { kind: 'prose'; text: string };

/** Takes Markdown apart as Markdown and anything else as plain text whose paragraphs stand between blank lines. */
export function blocksOf(input: string, inputType: string): Block[] {
  return inputType === 'markdown' ? markdownBlocks(input) : plainBlocks(input);
}

/** `blocksOf` the input of a task. Throws `UnusableInputError` for Markdown that would take too long to parse. */
export function inputBlocksOf(input: string, inputType: string): Block[] {
  if (inputType === 'markdown') refuseCostlyMarkdown(input);
  return blocksOf(input, inputType);
}

/** The prose of a text, without headings. */
export function proseOf(blocks: readonly Block[]): string[] {
  return blocks.filter((block) => block.kind === 'prose').map((block) => block.text);
}

function plainBlocks(input: string): Block[] {
  return input
    .split(/\n\s*\n/)
    .map(oneLine)
    .filter((text) => text !== '')
    .map((text) => ({ kind: 'prose', text }));
}

function markdownBlocks(input: string): Block[] {
  const tree = fromMarkdown(input, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  const blocks: Block[] = [];
  collect(tree, blocks);
  return blocks;
}

/** Code, tables, HTML and images are not prose: what is left of a paragraph without them is what is kept. */
function collect(node: Nodes, blocks: Block[]): void {
  if (node.type === 'heading' || node.type === 'paragraph') {
    const text = oneLine(textOf(node, { includeImageAlt: false, includeHtml: false }));
    if (text === '') return;
    blocks.push(
      node.type === 'heading' ? { kind: 'heading', depth: node.depth, text } : { kind: 'prose', text },
    );
  } else if (node.type !== 'table' && 'children' in node) {
    for (const child of node.children) collect(child, blocks);
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
