import { Argument, type Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { wordsOf } from '../completion/words.ts';
import { zshScript } from '../completion/zsh.ts';
import { examples } from '../core/examples.ts';
import type { Io } from '../core/io.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export function addCompletion(program: Command, io: Io): void {
  program
    .command('completion')
    .summary('print the completion script of a shell')
    .description('Prints a script that completes commands, options and file names in a shell.')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      examples(
        'bhiv completion bash > ~/.local/share/bash-completion/completions/bhiv',
        'bhiv completion zsh > ~/.zsh/completions/_bhiv',
        'bhiv completion fish > ~/.config/fish/completions/bhiv.fish',
      ),
    )
    .action((shell: keyof typeof SCRIPTS) => {
      io.stdout.write(SCRIPTS[shell](wordsOf(program)));
    });
}
