import type { CommandWords } from './words.ts';

/**
 * Completes by lists that are part of the script, so that no process is started for a tab. Where no list has anything,
 * bash completes file names.
 */
export function bashScript(commands: readonly CommandWords[]): string {
  const paths = commands.map(({ path }) => path.join(' ')).filter((path) => path !== '');
  const cases = commands.map(({ path, commands, options }) => {
    const words = commands.map(({ name }) => name).join(' ');
    const flags = options.flatMap(({ names }) => names).join(' ');
    return `    '${path.join(' ')}') words='${words}' flags='${flags}' ;;`;
  });
  return `# bash completion for bhiv
_bhiv() {
  local current=\${COMP_WORDS[COMP_CWORD]} path='' words='' flags='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "\${path:+$path }\${COMP_WORDS[index]}" in
      ${paths.map((path) => `'${path}'`).join(' | ')}) path="\${path:+$path }\${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  case "$current" in
    -*) words=$flags ;;
  esac
  # shellcheck disable=SC2207 # no word has a space or a pattern in it
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _bhiv bhiv
`;
}
