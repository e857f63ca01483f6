/** ledgerline top: who and what spends now. On a terminal it goes on and draws itself again. */
import { type Command, Option } from 'commander';
import { describeAge } from '../core/duration.ts';
import { displayUsd, parseUsd } from '../core/money.ts';
import { TOP, type TopAnswer } from '../query/top.ts';
import { ageNote, readingCommand, whyEmpty } from './reading-command.ts';
import { type ReadingOptions, wholeNumber } from './reading-options.ts';
import { percentText, withThousands } from './table.ts';
import type { Terminal } from './terminal.ts';
import type { Section, Value, View, ViewColumn } from './view.ts';

interface TopOptions extends ReadingOptions {
  readonly once?: boolean;
  readonly interval: string;
  readonly limit: string;
  readonly range: string;
}

const INTERVAL_MAX_S = 3_600;

const EXAMPLES = `
Without a terminal, with --once and with -o json or csv it prints once. Ctrl+C leaves, with exit code 0. CSV is the users.

Examples:
  ledgerline top
  ledgerline top --range 15m --where team:platform
  ledgerline top --once -o json`;

export const topCommand = (terminal: Terminal): Command =>
  readingCommand<TopOptions, unknown, TopAnswer>(terminal, {
    name: 'top',
    description: 'who and what spends now, how fast, and the budgets that do not last',
    examples: EXAMPLES,
    question: TOP,
    shared: { time: false },
    options: (command) =>
      command
        .addOption(new Option('--range <range>', 'how far back').choices(['15m', '1h', '4h', '24h']).default('1h'))
        .option('--limit <rows>', 'rows of each table', '10')
        .option('--interval <seconds>', 'how often it draws itself again', '5')
        .option('--once', 'print once'),
    parameters({ options, parameters }) {
      parameters.set('window', options.range);
      parameters.set('limit', options.limit);
    },
    every: ({ once, interval }) => (once === true ? undefined : wholeNumber('--interval', interval, INTERVAL_MAX_S) * 1_000),
    view: (answer, { parameters, nowMs }) => topView(answer, parameters, nowMs),
  });

const SPENT: readonly ViewColumn[] = [
  { field: 'cost_usd' },
  { field: 'usd_per_hour', title: 'per hour', align: 'right', show: (value) => money(value) },
  { field: 'share', align: 'right', priority: 2, show: (value) => percent(value) },
  { field: 'requests', align: 'right', priority: 3 },
  { field: 'tokens', align: 'right', priority: 4 },
];

function topView(answer: TopAnswer, parameters: URLSearchParams, nowMs: number): View {
  // Up to a quarter of an hour more than was asked for: it begins with a whole one.
  const elapsed = describeAge(Date.parse(answer.to) - Date.parse(answer.from));
  const [now, before] = [`${money(answer.usd_per_hour)} per hour`, `${money(answer.previous_usd_per_hour)} per hour`];
  const sessions: Section = {
    title: 'Sessions',
    columns: [
      { field: 'session_id', title: 'session', cut: 'end', show: (value) => String(value ?? '').slice(0, 8) },
      { field: 'user' },
      { field: 'workspace', priority: 3 },
      { field: 'cost_usd' },
      { field: 'session_cost_usd', title: 'since it began', priority: 2 },
      { field: 'last_seen', title: 'age', align: 'right', priority: 1, show: (value) => describeAge(nowMs - Date.parse(String(value))) },
    ],
    rows: answer.sessions,
    empty: 'No session.',
  };
  return {
    headline: `${money(answer.cost_usd)} in the last ${elapsed}, ${now}; ${before} in the ${answer.window} before`,
    sections: [
      {
        title: 'Users',
        columns: [{ field: 'user' }, { field: 'team', priority: 1 }, ...SPENT],
        rows: answer.users,
        empty: whyEmpty(answer, 'spend', parameters),
      },
      sessions,
      { title: 'Models', columns: [{ field: 'model' }, ...SPENT], rows: answer.models, empty: 'No model.' },
      ...(answer.budgets.length === 0 ? [] : [budgetsOf(answer)]),
    ],
    notes: [...(answer.sessions_exact ? [] : ['A session that is too long to be looked into may be missing.']), ageNote(answer, nowMs)],
  };
}

const budgetsOf = ({ budgets }: TopAnswer): Section => ({
  title: 'Budgets that do not last',
  columns: [
    { field: 'key', title: 'budget' },
    { field: 'period', priority: 3 },
    { field: 'used_ratio', title: 'used', align: 'right', show: (value) => percent(value) },
    { field: 'remaining', align: 'right', priority: 1, show: (value, { unit }) => amount(value, unit) },
    { field: 'per_hour', title: 'per hour', align: 'right', priority: 2, show: (value, { unit }) => amount(value, unit) },
    { field: 'seconds_left', title: 'left', align: 'right', show: (value) => leftFor(value) },
  ],
  rows: budgets,
});

const money = (value: Value): string => displayUsd(parseUsd(String(value ?? '')) ?? 0n);
const percent = (value: Value): string => (typeof value === 'number' ? percentText(value) : '');
const amount = (value: Value, unit: Value): string => (unit === 'usd' ? money(value) : withThousands(String(value ?? 0)));

function leftFor(seconds: Value): string {
  if (seconds === 0) return 'used up';
  return typeof seconds === 'number' ? describeAge(seconds * 1_000) : '';
}
