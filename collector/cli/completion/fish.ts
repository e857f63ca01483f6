/** Completion for fish, with descriptions. */
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { quoted } from './script-data.ts';
import type { CompletedCommand, CompletedOption } from './tree.ts';

export const fishScript = (commands: readonly CompletedCommand[]): string => `# fish completion for ledgerline: ledgerline completion fish | source

# The command that is typed so far, such as "budget set".
function __ledgerline_path
    set -l at ''
    for word in (commandline -opc)[2..]
        set -l next (string trim -- "$at $word")
        contains -- $next ${commands
          .filter(({ path }) => path !== '')
          .map(({ path }) => quoted(path))
          .join(' ')}; and set at $next
    end
    echo $at
end

function __ledgerline_at
    test "$(__ledgerline_path)" = "$argv[1]"
end

function __ledgerline_list
    set -l begun (string match -r '^.*,' -- (commandline -ct | string replace -r '^--[a-z-]+=' ''))
    printf '%s\\n' "$begun"$argv
end

function __ledgerline_where
    set -l typed (commandline -ct | string replace -r '^--[a-z-]+=' '')
    set -l words (commandline -opc)
    if string match -q '*:*' -- $typed
        $words[1] __complete $typed $words 2>/dev/null
    else
        printf '%s:\\n' ${DIMENSION_NAMES.join(' ')}
    end
end

complete -c ledgerline -f
${commands.flatMap(commandLines).join('\n')}
`;

function commandLines({ path, commands, options, words }: CompletedCommand): string[] {
  const at = `complete -c ledgerline -n ${quoted(`__ledgerline_at ${JSON.stringify(path)}`)}`;
  return [
    ...commands.map(({ name, description }) => `${at} -a ${quoted(name)} -d ${quoted(description)}`),
    ...words.map((word) => `${at} -a ${quoted(word)}`),
    ...options.map((option) => `${at} ${optionText(option)}`),
  ];
}

const optionText = ({ flags, description, kind }: CompletedOption): string => {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, valueText(kind), `-d ${quoted(description)}`].filter((part) => part !== '').join(' ');
};

function valueText(kind: CompletedOption['kind']): string {
  if (kind === undefined) return '';
  if (kind === 'any') return '-x';
  if (kind === 'file') return '-r -F';
  if (kind === 'folder') return `-x -a ${quoted('(__fish_complete_directories)')}`;
  if (kind === 'filter') return `-x -a ${quoted('(__ledgerline_where)')}`;
  return 'words' in kind ? `-x -a ${quoted(kind.words.join(' '))}` : `-x -a ${quoted(`(__ledgerline_list ${kind.list.join(' ')})`)}`;
}
