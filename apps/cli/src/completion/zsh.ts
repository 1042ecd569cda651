import type { CommandWords } from './words.ts';

/** Completes by lists that are part of the script; where no list has anything, file names. */
export function zshScript(commands: readonly CommandWords[]): string {
  const paths = commands.map(({ path }) => path.join(' ')).filter((path) => path !== '');
  const cases = commands.map(({ path, commands, options }) => {
    const words = commands.map(({ name, summary }) => described(name, summary));
    const flags = options.flatMap(({ names, description }) =>
      names.map((name) => described(name, description)),
    );
    return `    '${path.join(' ')}') entries=(${words.join(' ')}); flags=(${flags.join(' ')}) ;;`;
  });
  return `#compdef bhiv
# zsh completion for bhiv
_bhiv() {
  local -a entries flags
  local spoken='' next index
  for ((index = 2; index < CURRENT; index++)); do
    next="\${spoken:+$spoken }\${words[index]}"
    case "$next" in
      ${paths.map((path) => `'${path}'`).join(' | ')}) spoken=$next ;;
    esac
  done
  case "$spoken" in
${cases.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o 'option' flags
  elif ((\${#entries})); then
    _describe 'command' entries
  else
    _files
  fi
}
# loaded by fpath it is called at once; sourced it is set up
if [[ "\${funcstack[1]}" == _bhiv ]]; then _bhiv "$@"; else compdef _bhiv bhiv; fi
`;
}

/** A word and what it is for, as \`_describe\` takes them. */
function described(word: string, description: string): string {
  const colonsEscaped = word.replaceAll(':', '\\:');
  return `'${`${colonsEscaped}:${description}`.replaceAll("'", "'\\''")}'`;
}
