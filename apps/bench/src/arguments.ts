import { parseArgs } from 'node:util';

export interface Arguments {
  /** The measurements to run, in the order in which they are listed. */
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly write: boolean;
  readonly page: boolean;
  readonly help: boolean;
}

/** What was typed cannot be done. `message` says what can. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the command line; without names everything is run. Throws UsageError. */
export function readArguments(args: readonly string[], known: readonly string[]): Arguments {
  const { values, positionals } = parse(args);
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`There is no measurement ${unknown.join(', ')}: use ${known.join(', ')}.`);
  }
  const { quick = false, write = false, page = false, help = false } = values;
  if (quick && write) {
    throw new UsageError('Quick figures are not for quoting: use --write without --quick.');
  }
  const names = positionals.length === 0 ? known : known.filter((name) => positionals.includes(name));
  return { names, quick, write, page, help };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { quick: flag, write: flag, page: flag, help: flag },
      allowPositionals: true,
    });
  } catch (error) {
    const { message } = error as Error; // parseArgs throws TypeErrors that say what is wrong
    throw new UsageError(message);
  }
}
