/** Completion for zsh, with descriptions. */
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { kindCases, pathCases, quoted } from './script-data.ts';
import type { CompletedCommand } from './tree.ts';

/** "name:description" for _describe. */
const described = (names: readonly string[], description: string): string[] =>
  names.map((name) => quoted(`${name.replaceAll(':', '\\:')}:${description.replaceAll(':', '\\:')}`));

const array = (items: readonly string[]): string => (items.length === 0 ? '' : `reply=(${items.join(' ')})`);

export const zshScript = (commands: readonly CompletedCommand[]): string => `#compdef ledgerline
# zsh completion for ledgerline: source <(ledgerline completion zsh), after compinit; or save it as _ledgerline in a folder of $fpath

_ledgerline_commands() {
  reply=()
  case "$1" in
${pathCases(commands, ({ commands: inner }) => array(inner.flatMap(({ name, description }) => described([name], description)))).join('\n')}
  esac
}

_ledgerline_words() {
  reply=()
  case "$1" in
${pathCases(commands, ({ words }) => array(words.map(quoted))).join('\n')}
  esac
}

_ledgerline_options() {
  reply=()
  case "$1" in
${pathCases(commands, ({ options }) => array(options.flatMap(({ flags, description }) => described(flags, description)))).join('\n')}
  esac
}

_ledgerline_kind() {
  case "$1 $2" in
${kindCases(commands).join('\n')}
  esac
}

_ledgerline_value() {
  local kind="$1"
  case "$kind" in
    'words '*) compadd -- \${=kind#words } ;;
    'list '*) compset -P '*,'; compadd -S '' -- \${=kind#list } ;;
    filter)
      if [[ $PREFIX == *:* ]]; then
        local -a found
        found=("\${(@f)$("\${words[1]}" __complete "$PREFIX" "\${words[@]}" 2>/dev/null)}")
        compset -P '*:'
        compadd -- "\${found[@]#*:}"
      else
        compadd -S ':' -- ${DIMENSION_NAMES.join(' ')}
      fi ;;
    file) _files ;;
    folder) _files -/ ;;
  esac
}

_ledgerline() {
  local at='' word skip='' prev=''
  local -a reply names
  for word in "\${(@)words[2,CURRENT-1]}"; do
    prev="$word"
    if [[ -n $skip ]]; then
      skip=''
      prev=''
    elif [[ $word == -* ]]; then
      [[ -n "$(_ledgerline_kind "$at" "$word")" ]] && skip=1
    else
      _ledgerline_commands "$at"
      names=("\${(@)reply%%:*}")
      (( \${names[(Ie)$word]} )) && at="\${at:+$at }$word"
    fi
  done
  if [[ -n $skip ]]; then
    _ledgerline_value "$(_ledgerline_kind "$at" "$prev")"
  elif [[ $PREFIX == --*=* ]]; then
    local flag="\${PREFIX%%=*}"
    compset -P '*='
    _ledgerline_value "$(_ledgerline_kind "$at" "$flag")"
  elif [[ $PREFIX == -* ]]; then
    _ledgerline_options "$at"
    _describe -o 'option' reply
  else
    _ledgerline_commands "$at"
    (( \${#reply} )) && _describe 'command' reply
    _ledgerline_words "$at"
    (( \${#reply} )) && compadd -- "\${reply[@]}"
  fi
}

compdef _ledgerline ledgerline
`;
