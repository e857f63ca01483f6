/** Options that every reading command has, and the parameters that they become. */
import { type Command, Option } from 'commander';
import { LedgerlineError } from '../core/error.ts';
import type { SourceOptions } from './options.ts';

export const OUTPUT_FORMATS = ['table', 'json', 'csv'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export interface OutputOptions {
  readonly output?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly fields?: string;
  readonly outFile?: string;
  readonly compact?: boolean;
  /** --color and --no-color. Undefined without either. */
  readonly color?: boolean;
  readonly quiet?: boolean;
}

export interface TimeOptions {
  readonly period?: string | undefined;
  readonly from?: string;
  readonly to?: string;
  readonly since?: string;
  readonly until?: string;
  readonly last?: string;
  readonly window?: string;
  readonly timezone?: string;
  /** As it was called first. */
  readonly tz?: string;
}

export interface ReadingOptions extends SourceOptions, OutputOptions, TimeOptions {
  readonly where?: readonly string[];
}

/** What --last counts. */
export type LastUnit = 'day' | 'week' | 'month' | 'quarter';

const LAST_DAYS = 'days, the current one included';

export const withTime = (command: Command, lastWords = LAST_DAYS): Command =>
  command
    .option('--period <period>', 'today, yesterday, last-week, 24h, 7d, 2026-11, 2026-Q4 …')
    .option('-s, --since <time>', 'first day or instant (2026-11-01, 20261101, last-month, 24h)')
    .option('-u, --until <time>', 'last day or instant, included')
    .option('--from <time>', 'the same as --since')
    .option('--to <time>', 'end, not included')
    .option('--last <n>', `the last n ${lastWords}`)
    .option('--window <range>', 'a period, or from,to')
    .option('-z, --timezone <zone>', 'time zone of the days (default: that of the configuration)')
    .option('--tz <zone>', 'the same as --timezone');

export const withWhere = (command: Command): Command =>
  command.option('--where <filter>', 'filter as dimension:value; repeatable', (filter: string, before: string[] = []) => [...before, filter]);

export const withOutput = (command: Command, formats: readonly string[] = OUTPUT_FORMATS): Command =>
  command
    .addOption(new Option('-o, --output <format>', 'how the answer is printed, a table unless given').choices(formats))
    .option('-j, --json', 'the same as -o json')
    .option('--csv', 'the same as -o csv')
    .option('--fields <fields>', 'only these fields, comma-separated, in this order')
    .option('--out-file <file>', 'write to a file, which appears whole or not at all')
    .option('--compact', 'fewer columns; JSON on one line')
    .option('--color', 'color also where standard output is no terminal')
    .option('--no-color', 'no color')
    .option('-q, --quiet', 'no notes on standard error')
    .option('-v, --verbose', 'say where the figures come from');

/** Throws LedgerlineError `invalid` for two formats at once. */
export function outputFormat({ output, json = false, csv = false }: OutputOptions): OutputFormat {
  const wanted = new Set(OUTPUT_FORMATS.filter((format) => format === output || (format === 'json' && json) || (format === 'csv' && csv)));
  if (wanted.size > 1) {
    throw new LedgerlineError('invalid', `${[...wanted].join(' and ')} cannot be printed at once.`, { hint: 'Give one of -o, --json and --csv.' });
  }
  return [...wanted][0] ?? 'table';
}

const LETTER: Readonly<Record<LastUnit, string>> = { day: 'd', week: 'w', month: 'M', quarter: 'Q' };
const LAST_MAX = 10_000;

/** The time range as parameters of any question. `fallback` is the period where no option says one. */
export function timeParameters(
  options: TimeOptions,
  { lastUnit = 'day', fallback }: { lastUnit?: LastUnit | undefined; fallback?: string | undefined } = {},
): URLSearchParams {
  const parameters = new URLSearchParams();
  const set = (key: string, value: string | undefined): void => {
    if (value !== undefined) parameters.set(key, value);
  };
  const { from, to, since, until, last, window } = options;
  set('period', options.period);
  for (const [key, value] of Object.entries({ from, to, since, until })) set(key, value);
  if (window !== undefined) setWindow(window, parameters);
  if (last !== undefined) parameters.set('from', startOfLast(last, lastUnit));
  if (last !== undefined && [options.period, from, since, window].some((other) => other !== undefined)) {
    throw new LedgerlineError('invalid', '--last cannot be combined with another start.', {
      hint: 'Give one of --last, --period, --window, --from and --since.',
    });
  }
  if (parameters.size === 0) set('period', fallback);
  set('tz', options.timezone ?? options.tz);
  return parameters;
}

function setWindow(window: string, parameters: URLSearchParams): void {
  if (parameters.size > 0) {
    throw new LedgerlineError('invalid', '--window cannot be combined with another time range.', { hint: 'Give one of them.' });
  }
  const comma = window.indexOf(',');
  const range = comma === -1 ? { period: window } : { from: window.slice(0, comma), to: window.slice(comma + 1) };
  for (const [key, value] of Object.entries(range)) parameters.set(key, value);
}

const startOfLast = (count: string, unit: LastUnit): string => `now-${wholeNumber('--last', count) - 1}${LETTER[unit]}/${LETTER[unit]}`;

/** Throws LedgerlineError `invalid` that names the option. */
export function wholeNumber(option: string, text: string, max = LAST_MAX): number {
  const n = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (n >= 1 && n <= max) return n;
  throw new LedgerlineError('invalid', `${option} ${text.slice(0, 80)} is not a whole number from 1 to ${max}.`, {
    hint: option === '--last' ? 'For a rolling time range such as 24h, give --period.' : '',
  });
}
