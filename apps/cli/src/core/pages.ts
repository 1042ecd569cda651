import type { Command } from 'commander';
import { wholeNumber } from './numbers.ts';

export interface PageFlags {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: true;
}

export function addPageOptions(command: Command): Command {
  return command
    .option('--limit <number>', 'the most entries, 1 to 500 (default: 100)', wholeNumber(1, 500))
    .option('--cursor <cursor>', 'go on behind the page that gave this cursor')
    .option('--all', 'all pages');
}

/** One page, or with `--all` all from there on. `cursor` is what a next call goes on with, or null. */
export async function readPages<Entry>(
  { limit, cursor, all }: PageFlags,
  read: (page: {
    readonly limit: number | undefined;
    readonly cursor: string | null | undefined;
  }) => Promise<{ readonly entries: readonly Entry[]; readonly cursor: string | null }>,
): Promise<{ readonly entries: readonly Entry[]; readonly cursor: string | null }> {
  let page = await read({ limit, cursor });
  const entries = [...page.entries];
  while (all && page.cursor !== null) {
    page = await read({ limit, cursor: page.cursor });
    entries.push(...page.entries);
  }
  return { entries, cursor: page.cursor };
}

/** The line that says that there is more. */
export function moreLine(cursor: string | null): string[] {
  return cursor === null ? [] : [`… more: --cursor ${cursor}, or --all`];
}
