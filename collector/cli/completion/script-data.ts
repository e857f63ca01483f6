/** What the scripts for bash and zsh have in common: the same walk over the words, and the same tables. */
import type { CompletedCommand, CompletedOption, Kind } from './tree.ts';

/** A word in single quotes, as every shell reads it. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** What a kind is in the scripts: "words a b", "list a b", "filter", "file", "folder" or "any". */
const kindText = (kind: Kind): string => {
  if (typeof kind === 'string') return kind;
  return 'words' in kind ? `words ${kind.words.join(' ')}` : `list ${kind.list.join(' ')}`;
};

const pairs = (commands: readonly CompletedCommand[]): { path: string; flag: string; kind: string }[] =>
  commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, kind }) => (kind === undefined ? [] : flags.map((flag) => ({ path, flag, kind: kindText(kind) })))),
  );

/**
 * Lines of a `case` over "<path> <flag>" that print the kind of what the flag takes. A flag that takes the same everywhere, and is nowhere
 * a switch, has one line.
 */
export function kindCases(commands: readonly CompletedCommand[]): string[] {
  const switches = new Set(commands.flatMap(({ options }) => options.filter(({ kind }) => kind === undefined).flatMap(({ flags }) => flags)));
  const lines = new Map<string, string[]>();
  const add = (kind: string, pattern: string): void => void lines.set(kind, [...(lines.get(kind) ?? []), pattern]);
  for (const [flag, own] of Map.groupBy(pairs(commands), (pair) => pair.flag)) {
    const kinds = new Set(own.map(({ kind }) => kind));
    const [only] = kinds;
    if (only !== undefined && kinds.size === 1 && !switches.has(flag)) add(only, `*${quoted(` ${flag}`)}`);
    else for (const { path, kind } of own) add(kind, quoted(`${path} ${flag}`));
  }
  return [...lines].map(([kind, patterns]) => `    ${patterns.join('|')}) echo ${quoted(kind)} ;;`);
}

/** Lines of a `case` over the path. */
export const pathCases = (commands: readonly CompletedCommand[], text: (command: CompletedCommand) => string): string[] =>
  commands.flatMap((command) => {
    const words = text(command);
    return words === '' ? [] : [`    ${quoted(command.path)}) ${words} ;;`];
  });

export const flagsOf = (options: readonly CompletedOption[]): string[] => options.flatMap(({ flags }) => flags);
