/** A Markdown table. Cells may hold anything but line breaks. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text as code inside a sentence or a cell, whatever it holds. */
export function code(text: string): string {
  const shown = text === '' || text.trim() !== text || /\p{Cc}/u.test(text) ? JSON.stringify(text) : text;
  return shown.includes('`') ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}

export function jsonBlock(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

const BLOCK = /<!-- generated: (.+?) -->\n[\s\S]*?<!-- end -->/g;

/**
 * Replaces what stands between `<!-- generated: name arguments -->` and `<!-- end -->` by what `render` gives for it.
 * Throws where a marker has no partner.
 */
export function fillBlocks(text: string, render: (name: string, args: string[]) => string): string {
  const starts = text.split('<!-- generated: ').length - 1;
  const blocks = [...text.matchAll(BLOCK)].length;
  const ends = text.split('<!-- end -->').length - 1;
  if (starts !== blocks || ends !== blocks) {
    throw new Error(`${starts} blocks begin and ${ends} end, ${blocks} are whole: pair the markers`);
  }
  return text.replace(BLOCK, (_block, directive: string) => {
    const [name = '', ...args] = directive.split(' ');
    return `<!-- generated: ${directive} -->\n${render(name, args)}\n<!-- end -->`;
  });
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
