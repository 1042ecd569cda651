import type { CommandWords, OptionWord } from './words.ts';

/** Completes by lists that are part of the script; file names besides. */
export function fishScript(commands: readonly CommandWords[]): string {
  const paths = commands.map(({ path }) => path.join(' ')).filter((path) => path !== '');
  const lines = commands.flatMap(({ path, commands, options }) => {
    const when = `-n ${quoted(`__bhiv_at ${quoted(path.join(' '))}`)}`;
    return [
      ...commands.map(({ name, summary }) => `complete -c bhiv -f ${when} -a ${name} -d ${quoted(summary)}`),
      ...options.map(
        (option) => `complete -c bhiv ${when} ${switchOf(option)} -d ${quoted(option.description)}`,
      ),
    ];
  });
  return `# fish completion for bhiv
function __bhiv_at
    set -l spoken ''
    for word in (commandline -opc)[2..-1]
        set -l next (string trim "$spoken $word")
        switch $next
            case ${paths.map(quoted).join(' ')}
                set spoken $next
        end
    end
    test "$spoken" = "$argv[1]"
end
${lines.join('\n')}
`;
}

function switchOf({ names, takesValue }: OptionWord): string {
  const switches = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  return [...switches, ...(takesValue ? ['-r'] : [])].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
