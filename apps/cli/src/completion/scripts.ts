import type { Words } from './words.js';

/** Of each shell, made from what may stand where. */
export const scripts: Readonly<Record<string, (words: readonly Words[]) => string>> = { bash, zsh, fish };

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** Options that take a value; where it is not known, files are offered. */
const takersIn = (words: readonly Words[]): string[] => [
  ...new Set(words.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue).map(({ name }) => name))),
];
/** Of the commands, quoted. */
const pathsIn = (words: readonly Words[]): string[] =>
  words.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
const choicesByOption = (words: readonly Words[]) =>
  words.flatMap(({ path, options }) =>
    options.filter(({ choices }) => choices.length > 0).map(({ name, choices }) => ({ path, name, choices })),
  );

function bash(words: readonly Words[]): string {
  return `# twinlock completion for bash
_twinlock() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path='' word skip=''
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$word" in
      ${takersIn(words).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "\${path:+$path }$word" in
      ${pathsIn(words).join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path $before" in
${choicesByOption(words)
  .map(
    ({ path, name, choices }) =>
      `    ${quoted(`${path} ${name}`)}) COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$current")); return ;;`,
  )
  .join('\n')}
  esac
  if [[ -n $skip ]]; then COMPREPLY=($(compgen -f -- "$current")); return; fi
  case "$path" in
${words
  .map(({ path, commands, options }) => {
    const all = [...commands, ...options].map(({ name }) => name).join(' ');
    return `    ${quoted(path)}) COMPREPLY=($(compgen -W ${quoted(all)} -- "$current")) ;;`;
  })
  .join('\n')}
  esac
}
complete -o default -F _twinlock twinlock`;
}

function zsh(words: readonly Words[]): string {
  const described = (items: readonly { name: string; summary: string }[]) =>
    items.map(({ name, summary }) => quoted(`${name.replaceAll(':', '\\:')}:${summary}`)).join(' ');
  return `#compdef twinlock
_twinlock() {
  local word skip='' path=''
  local -a offered
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $skip ]]; then skip=''; continue; fi
    case "$word" in
      ${takersIn(words).join('|')}) skip=$word; continue ;;
      -*) continue ;;
    esac
    case "\${path:+$path }$word" in
      ${pathsIn(words).join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path $skip" in
${choicesByOption(words)
  .map(
    ({ path, name, choices }) =>
      `    ${quoted(`${path} ${name}`)}) compadd -- ${choices.map(quoted).join(' ')}; return ;;`,
  )
  .join('\n')}
  esac
  if [[ -n $skip ]]; then _files; return; fi
  case "$path" in
${words.map(({ path, commands, options }) => `    ${quoted(path)}) offered=(${described([...commands, ...options])}) ;;`).join('\n')}
  esac
  _describe -o 'twinlock' offered || _files
}
if [ "$funcstack[1]" = "_twinlock" ]; then _twinlock; else compdef _twinlock twinlock; fi`;
}

function fish(words: readonly Words[]): string {
  const lines = words.flatMap(({ path, commands, options }) => {
    const where = `-n ${quoted(`__twinlock_at ${quoted(path)}`)}`;
    return [
      ...commands.map(
        ({ name, summary }) => `complete -c twinlock -f ${where} -a ${quoted(name)} -d ${quoted(summary)}`,
      ),
      ...options.map(({ name, summary, takesValue, choices }) => {
        const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : '';
        return `complete -c twinlock ${where} -l ${quoted(name.replace(/^--?/, ''))} -d ${quoted(summary)}${value}`;
      }),
    ];
  });
  return `# twinlock completion for fish
function __twinlock_at
  set -l path
  set -l skip 0
  for word in (commandline -opc)[2..-1]
    if test $skip = 1
      set skip 0
    else if contains -- $word ${takersIn(words).join(' ')}
      set skip 1
    else if not string match -q -- '-*' $word
      set -l longer (string join ' ' $path $word)
      if contains -- $longer ${pathsIn(words).join(' ')}
        set path $path $word
      end
    end
  end
  test (string join ' ' $path) = "$argv"
end
${lines.join('\n')}`;
}
