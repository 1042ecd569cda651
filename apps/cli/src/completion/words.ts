import type { Command, Option } from 'commander';

/** An option, as it is typed. */
export interface OptionWord {
  readonly names: readonly string[];
  readonly takesValue: boolean;
  readonly description: string;
}

/** One command: how it is reached, and what may follow. */
export interface CommandWords {
  /** `[]` for bhiv itself, `['alias', 'set']`. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  /** Its own, and those of all commands. */
  readonly options: readonly OptionWord[];
}

/** Every command of the program, the program itself first. */
export function wordsOf(program: Command): CommandWords[] {
  const common = optionsOf(program);
  const walk = (command: Command, path: readonly string[]): CommandWords[] => [
    {
      path,
      commands: command.commands.map((child) => ({ name: child.name(), summary: child.summary() })),
      options: command === program ? common : [...optionsOf(command), ...common],
    },
    ...command.commands.flatMap((child) => walk(child, [...path, child.name()])),
  ];
  return walk(program, []);
}

function optionsOf(command: Command): OptionWord[] {
  return command.createHelp().visibleOptions(command).map(wordOf);
}

function wordOf({ long, short, required, description }: Option): OptionWord {
  const names = [long, short].filter((name) => name !== undefined && name !== null);
  return { names, takesValue: required, description };
}
