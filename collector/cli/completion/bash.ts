/** Completion for bash, also for the 3.2 of macOS, without the package bash-completion. */
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { flagsOf, kindCases, pathCases } from './script-data.ts';
import type { CompletedCommand } from './tree.ts';

const echo = (words: readonly string[]): string => (words.length === 0 ? '' : `echo '${words.join(' ')}'`);

export const bashScript = (commands: readonly CompletedCommand[]): string => `# bash completion for ledgerline: source <(ledgerline completion bash)

_ledgerline_commands() {
  case "$1" in
${pathCases(commands, ({ commands: inner }) => echo(inner.map(({ name }) => name))).join('\n')}
  esac
}

_ledgerline_words() {
  case "$1" in
${pathCases(commands, ({ words }) => echo(words)).join('\n')}
  esac
}

_ledgerline_options() {
  case "$1" in
${pathCases(commands, ({ options }) => echo(flagsOf(options))).join('\n')}
  esac
}

_ledgerline_kind() {
  case "$1 $2" in
${kindCases(commands).join('\n')}
  esac
}

# Words that begin as the current one does, without what readline takes for an earlier word.
_ledgerline_reply() {
  local typed="$1" breaks='' cut='' line quoted
  [[ $COMP_WORDBREAKS == *=* ]] && breaks='='
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=':'
  [[ -n $breaks && $cur == *[$breaks]* ]] && cut="\${cur%"\${cur##*[$breaks]}"}"
  while IFS= read -r line; do
    [[ -n $line && $line == "$typed"* ]] || continue
    line="$2$line"
    printf -v quoted '%q' "\${line#"$cut"}"
    COMPREPLY+=("\${quoted//\\\\,/,}")
  done
}

_ledgerline_value() {
  local kind="$1" typed="$2" before="$3"
  case "$kind" in
    'words '*) _ledgerline_reply "$typed" "$before" <<<"$(printf '%s\\n' \${kind#words })" ;;
    'list '*)
      local done=''
      [[ $typed == *,* ]] && done="\${typed%,*},"
      _ledgerline_reply "\${typed##*,}" "$before$done" <<<"$(printf '%s\\n' \${kind#list })"
      compopt -o nospace 2>/dev/null ;;
    filter)
      if [[ $typed == *:* ]]; then
        _ledgerline_reply "$typed" "$before" <<<"$("\${words[0]}" __complete "$typed" "\${words[@]}" 2>/dev/null)"
      else
        _ledgerline_reply "$typed" "$before" <<<"$(printf '%s:\\n' ${DIMENSION_NAMES.join(' ')})"
        compopt -o nospace 2>/dev/null
      fi ;;
    file) compopt -o filenames 2>/dev/null; _ledgerline_reply "$typed" "$before" <<<"$(compgen -f -- "$typed")" ;;
    folder) compopt -o filenames 2>/dev/null; _ledgerline_reply "$typed" "$before" <<<"$(compgen -d -- "$typed")" ;;
  esac
}

_ledgerline() {
  local line="\${COMP_LINE:0:COMP_POINT}" at='' word skip='' prev='' cur
  local -a words
  COMPREPLY=()
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur="\${words[\${#words[@]}-1]}"
  for word in "\${words[@]:1:\${#words[@]}-2}"; do
    prev="$word"
    if [[ -n $skip ]]; then
      skip=''
      prev=''
    elif [[ $word == -* ]]; then
      [[ -n $(_ledgerline_kind "$at" "$word") ]] && skip=1
    elif [[ " $(_ledgerline_commands "$at") " == *" $word "* ]]; then
      at="\${at:+$at }$word"
    fi
  done
  if [[ -n $skip ]]; then
    _ledgerline_value "$(_ledgerline_kind "$at" "$prev")" "$cur" ''
  elif [[ $cur == --*=* ]]; then
    _ledgerline_value "$(_ledgerline_kind "$at" "\${cur%%=*}")" "\${cur#*=}" "\${cur%%=*}="
  elif [[ $cur == -* ]]; then
    _ledgerline_reply "$cur" '' <<<"$(printf '%s\\n' $(_ledgerline_options "$at"))"
  else
    _ledgerline_reply "$cur" '' <<<"$(printf '%s\\n' $(_ledgerline_commands "$at") $(_ledgerline_words "$at"))"
  fi
}

complete -F _ledgerline ledgerline
`;
