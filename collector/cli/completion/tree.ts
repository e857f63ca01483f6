/** What can be completed, read from the commands themselves. */
import type { Command, Option } from 'commander';
import { FIGURE_NAMES } from '../../catalog/figures.ts';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { PERIOD_UNITS } from '../../config/budgets.ts';
import { PERIOD_WORDS } from '../../core/time-range.ts';

/** What an option takes: some words, words of a list with commas, a filter (dimension:value), a file, a folder, or anything else. */
export type Kind = { readonly words: readonly string[] } | { readonly list: readonly string[] } | 'filter' | 'file' | 'folder' | 'any';

export interface CompletedOption {
  /** "-o" and "--output". */
  readonly flags: readonly string[];
  readonly description: string;
  /** Undefined for a switch. */
  readonly kind: Kind | undefined;
}

export interface CompletedCommand {
  /** '' for the program, "budget set" for a command within another. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletedOption[];
  /** Of its first argument. */
  readonly words: readonly string[];
}

const HYPHENATED_PERIODS = PERIOD_WORDS.map((word) => word.replaceAll('_', '-'));
const REPORT_PERIODS = ['daily', 'weekly', 'monthly', 'quarterly', ...HYPHENATED_PERIODS];

const KINDS: Readonly<Record<string, Kind>> = {
  by: { list: DIMENSION_NAMES },
  measures: { list: FIGURE_NAMES },
  where: 'filter',
  period: { words: [...HYPHENATED_PERIODS, '24h', '7d', '30d'] },
  window: { words: [...HYPHENATED_PERIODS, '24h', '7d', '30d'] },
  config: 'file',
  'token-file': 'file',
  'out-file': 'file',
  file: 'file',
  data: 'folder',
};

/** Options of budgets that are called like those of reading commands: an amount, and a unit. */
const OTHERWISE: Readonly<Record<string, Kind>> = { 'budget raise by': 'any', 'budget set period': { words: PERIOD_UNITS }, 'export output': 'file' };

/** Arguments by their name. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = { period: REPORT_PERIODS };

export function completedCommands(command: Command, path = ''): CompletedCommand[] {
  const help = command.createHelp();
  // `help` is commander's own.
  const inner = help.visibleCommands(command).filter((candidate) => candidate.name() !== 'help');
  return [
    {
      path,
      commands: inner.map((candidate) => ({ name: candidate.name(), description: candidate.description() })),
      options: help.visibleOptions(command).map((option) => completedOption(option, path)),
      words: command.registeredArguments.slice(0, 1).flatMap((argument) => argument.argChoices ?? ARGUMENTS[argument.name()] ?? []),
    },
    ...inner.flatMap((candidate) => completedCommands(candidate, path === '' ? candidate.name() : `${path} ${candidate.name()}`)),
  ];
}

function completedOption(option: Option, path: string): CompletedOption {
  const { short, long, description, argChoices } = option;
  const flags = [short, long].filter((flag) => flag !== undefined);
  const takesValue = option.required || option.optional;
  const name = (long ?? '').slice(2);
  const kind = argChoices === undefined ? (OTHERWISE[`${path} ${name}`] ?? KINDS[name] ?? 'any') : { words: argChoices };
  return { flags, description, kind: takesValue ? kind : undefined };
}
